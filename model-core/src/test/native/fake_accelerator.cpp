// An accelerator that is none: a device of type PrivateUse1 whose kernels are those of the CPU. What a GPU would refuse or make
// slow it refuses or counts, so that a whole training step can be checked on a machine without a GPU:
//   - an operator that mixes tensors of the device with tensors of the CPU fails (single numbers of the CPU may pass, as on CUDA);
//   - memory of the device read from outside of libtorch (data_ptr() from Java) holds nothing but 0xFF bytes: NaN, -1, true;
//   - a generator of the CPU is refused; the backward pass runs in a thread of its own, as it does for CUDA;
//   - copies between host and device, those of them that the host waits for, and reads of single numbers, are counted.
// Results are those of the CPU, bit for bit. build.sh compiles it.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/Resize.h>
#include <ATen/native/transformers/attention.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <jni.h>
#include <torch/library.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

namespace {

constexpr auto FAKE = c10::DeviceType::PrivateUse1;

enum Counter { OPERATIONS, TO_DEVICE, TO_DEVICE_BYTES, TO_HOST, TO_HOST_BYTES, NUMBERS_READ, SYNCHRONISATIONS, WAITS, BYTES, PEAK_BYTES, COUNTERS };
std::atomic<int64_t> counters[COUNTERS];
std::mutex mutex;
std::map<std::string, int64_t> operators;
// The place of the real data behind each address that tensors show.
std::unordered_map<void*, size_t> halves;

struct FakeAllocator final : c10::DeviceAllocator {
  c10::DataPtr allocate(size_t bytes) override {
    const size_t half = (std::max<size_t>(bytes, 1) + 63) / 64 * 64;
    void* shown = std::aligned_alloc(64, 2 * half);
    // Memory that was not written is NaN, too.
    std::memset(shown, 0xFF, 2 * half);
    {
      std::lock_guard<std::mutex> lock(mutex);
      halves[shown] = half;
    }
    const int64_t now = counters[BYTES] += half;
    int64_t peak = counters[PEAK_BYTES];
    while (now > peak && !counters[PEAK_BYTES].compare_exchange_weak(peak, now)) {
    }
    return {shown, shown, &release, c10::Device(FAKE, 0)};
  }
  static void release(void* shown) {
    if (shown == nullptr) {
      return;
    }
    {
      std::lock_guard<std::mutex> lock(mutex);
      counters[BYTES] -= halves[shown];
      halves.erase(shown);
    }
    std::free(shown);
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t count) const override { std::memcpy(to, from, count); }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t = {0, 0}) override {}
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
    c10::CachingDeviceAllocator::DeviceStats stats;
    for (auto* stat : {&stats.allocated_bytes[0], &stats.reserved_bytes[0], &stats.active_bytes[0]}) {
      stat->current = counters[BYTES];
      stat->peak = counters[PEAK_BYTES];
    }
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override { counters[PEAK_BYTES] = counters[BYTES].load(); }
  std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex) override {
    const size_t all = size_t(80) << 30;
    return {all - counters[BYTES], all};
  }
};
FakeAllocator allocator;
REGISTER_ALLOCATOR(FAKE, &allocator);

struct FakeGuard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return FAKE; }
  c10::Device exchangeDevice(c10::Device) const override { return getDevice(); }
  c10::Device getDevice() const override { return c10::Device(FAKE, 0); }
  void setDevice(c10::Device d) const override { TORCH_CHECK(d.index() <= 0, "the fake accelerator has one device"); }
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const override { return c10::Stream(c10::Stream::DEFAULT, c10::Device(FAKE, 0)); }
  c10::Stream getDefaultStream(c10::Device d) const override { return getStream(d); }
  c10::Stream getNewStream(c10::Device d, int) const override { return getStream(d); }
  c10::Stream getStreamFromGlobalPool(c10::Device d, bool) const override { return getStream(d); }
  c10::Stream exchangeStream(c10::Stream s) const override { return s; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  // What runs here is done when the call returns.
  void record(void** event, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override { *event = const_cast<FakeGuard*>(this); }
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
  void synchronizeEvent(void*) const override { ++counters[SYNCHRONISATIONS]; }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override { ++counters[SYNCHRONISATIONS]; }
  void synchronizeDevice(const c10::DeviceIndex) const override { ++counters[SYNCHRONISATIONS]; }
  void recordDataPtrOnStream(const c10::DataPtr&, const c10::Stream&) const override {}
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, FakeGuard)

struct FakeGenerator final : c10::GeneratorImpl {
  at::Generator inner = at::detail::createCPUGenerator();
  FakeGenerator() : c10::GeneratorImpl(c10::Device(FAKE, 0), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)) {}
  void set_current_seed(uint64_t seed) override { inner.set_current_seed(seed); }
  void set_offset(uint64_t) override {}
  uint64_t get_offset() const override { return 0; }
  uint64_t current_seed() const override { return inner.current_seed(); }
  uint64_t seed() override { return inner.seed(); }
  void set_state(const c10::TensorImpl& state) override { inner.unsafeGetGeneratorImpl()->set_state(state); }
  c10::intrusive_ptr<c10::TensorImpl> get_state() const override { return inner.unsafeGetGeneratorImpl()->get_state(); }
  FakeGenerator* clone_impl() const override {
    auto* copy = new FakeGenerator();
    copy->inner = inner.clone();
    return copy;
  }
};

// Pinned memory is the CPU's own, remembered by its address.
struct PinnedAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    auto plain = c10::GetAllocator(c10::kCPU)->allocate(bytes);
    void* at = plain.get();
    std::lock_guard<std::mutex> lock(mutex);
    pinned()[at] = bytes;
    auto* held = new c10::DataPtr(std::move(plain));
    return {at, held, [](void* context) {
              auto* mine = static_cast<c10::DataPtr*>(context);
              {
                std::lock_guard<std::mutex> inside(mutex);
                pinned().erase(mine->get());
              }
              delete mine;
            }, c10::Device(c10::kCPU)};
  }
  void copy_data(void* to, const void* from, std::size_t count) const override { std::memcpy(to, from, count); }
  static std::map<void*, size_t>& pinned() {
    static std::map<void*, size_t> blocks;
    return blocks;
  }
};

struct FakeHooks final : at::PrivateUse1HooksInterface {
  at::Generator generator = at::make_generator<FakeGenerator>();
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override { return generator; }
  at::Generator getNewGenerator(c10::DeviceIndex) const override { return at::make_generator<FakeGenerator>(); }
  at::Device getDeviceFromPtr(void*) const override { return c10::Device(FAKE, 0); }
  c10::Allocator* getPinnedMemoryAllocator() const override {
    static PinnedAllocator pinned;
    return &pinned;
  }
  bool isPinnedPtr(const void* data) const override {
    std::lock_guard<std::mutex> lock(mutex);
    const auto& blocks = PinnedAllocator::pinned();
    auto next = blocks.upper_bound(const_cast<void*>(data));
    if (next == blocks.begin()) {
      return false;
    }
    --next;
    return static_cast<const char*>(data) < static_cast<const char*>(next->first) + std::max<size_t>(next->second, 1);
  }
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
    auto fresh = allocator.allocate(bytes);
    auto* impl = storage.unsafeGetStorageImpl();
    if (storage.data() != nullptr) {
      std::lock_guard<std::mutex> lock(mutex);
      const size_t from = halves[const_cast<void*>(storage.data())];
      const size_t to = halves[fresh.get()];
      std::memcpy(static_cast<char*>(fresh.get()) + to, static_cast<const char*>(storage.data()) + from, std::min(bytes, impl->nbytes()));
    }
    impl->set_data_ptr_noswap(std::move(fresh));
    impl->set_nbytes(bytes);
  }
};

bool fake(const at::Tensor& t) { return t.defined() && t.device().type() == FAKE; }

// The same elements as a tensor of the CPU, at the address where they really are.
at::Tensor on_host(const at::Tensor& t) {
  if (!fake(t)) {
    return t;
  }
  auto options = at::TensorOptions().dtype(t.dtype()).device(c10::kCPU);
  if (t.storage().data() == nullptr) {
    return at::empty_strided(t.sizes(), t.strides(), options);
  }
  size_t half;
  {
    std::lock_guard<std::mutex> lock(mutex);
    half = halves.at(const_cast<void*>(t.storage().data()));
  }
  char* at = static_cast<char*>(const_cast<void*>(t.storage().data())) + half + t.storage_offset() * t.itemsize();
  c10::Storage keep = t.storage();
  return at::from_blob(at, t.sizes(), t.strides(), [keep](void*) {}, options, c10::Device(c10::kCPU));
}

at::Tensor empty_strided(c10::IntArrayRef size, c10::IntArrayRef stride, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &allocator, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::dtype_or_default(dtype));
}

at::Tensor empty(c10::IntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>, std::optional<at::Device>,
                 std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &allocator, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::dtype_or_default(dtype), format);
}

at::Tensor like(const at::Tensor& result) {
  if (!result.defined() || fake(result)) {
    return result;
  }
  auto there = empty_strided(result.sizes(), result.strides(), result.scalar_type(), {}, {}, {});
  on_host(there).copy_(result);
  return there;
}

// CUDA has the host wait for a copy that is asked to block, and for one whose memory of the host is not pinned.
void count_wait(const at::Tensor& host, bool non_blocking) {
  if (!non_blocking || !at::detail::getPrivateUse1Hooks().isPinnedPtr(host.const_data_ptr())) {
    ++counters[WAITS];
  }
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  if (fake(to) && !fake(from)) {
    ++counters[TO_DEVICE];
    counters[TO_DEVICE_BYTES] += from.numel() * to.itemsize();
    count_wait(from, non_blocking);
  } else if (fake(from) && !fake(to)) {
    ++counters[TO_HOST];
    counters[TO_HOST_BYTES] += from.numel() * from.itemsize();
    count_wait(to, non_blocking);
  }
  on_host(to).copy_(on_host(from));
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  to.resize_(from.sizes());
  return copy_from(from, to, false);
}

c10::Scalar local_scalar_dense(const at::Tensor& t) {
  ++counters[NUMBERS_READ];
  return on_host(t).item();
}

const at::Tensor& resize(const at::Tensor& self, c10::IntArrayRef size, std::optional<at::MemoryFormat> format) {
  at::native::resize_impl_cpu_(self.unsafeGetTensorImpl(), size, std::nullopt, false);
  const size_t bytes = size_t(self.storage_offset() + self.numel()) * self.itemsize();
  if (bytes > self.storage().nbytes() || self.storage().data() == nullptr) {
    at::detail::getPrivateUse1Hooks().resizePrivateUse1Bytes(self.storage(), bytes);
  }
  if (format) {
    self.unsafeGetTensorImpl()->empty_tensor_restride(*format);
  }
  return self;
}

// Operators that may be given index tensors of the CPU on CUDA as well; each such use is a hidden copy to the device.
bool takes_host_indices(const std::string& name) {
  return name == "aten::index.Tensor" || name == "aten::_index_put_impl_" || name == "aten::index_put_" || name == "aten::index.Tensor_out";
}

void check(const std::string& op, const at::Tensor& t, bool index = false) {
  if (!t.defined() || fake(t) || (t.device().is_cpu() && t.dim() == 0)) {
    return;
  }
  if (index && t.device().is_cpu() && takes_host_indices(op)) {
    ++counters[TO_DEVICE];
    counters[TO_DEVICE_BYTES] += t.numel() * t.itemsize();
    ++counters[WAITS];
    return;
  }
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, fake and ", t.device(), "! (", op,
              ", a tensor of shape ", t.sizes(), " and type ", t.dtype(), ")");
}

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& schema = op.schema();
  const std::string name = schema.name() + (schema.overload_name().empty() ? "" : "." + schema.overload_name());
  ++counters[OPERATIONS];
  {
    std::lock_guard<std::mutex> lock(mutex);
    ++operators[name];
  }
  const size_t count = schema.arguments().size();
  const size_t first = stack->size() - count;
  std::vector<c10::IValue> given(stack->begin() + first, stack->end());
  for (size_t i = 0; i < count; i++) {
    auto& value = (*stack)[first + i];
    if (value.isTensor()) {
      const at::Tensor t = value.toTensor();
      check(name, t);
      const auto* alias = schema.arguments()[i].alias_info();
      // An empty out argument is one that the kernel makes as large as it needs: that needs memory of its own.
      value = alias != nullptr && alias->isWrite() && fake(t) && t.numel() == 0 ? at::empty(t.sizes(), t.options().device(c10::kCPU)) : on_host(t);
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& t : value.toTensorVector()) {
        check(name, t);
        tensors.push_back(on_host(t));
      }
      value = tensors;
    } else if (value.isOptionalTensorList()) {
      c10::List<std::optional<at::Tensor>> tensors;
      for (const std::optional<at::Tensor>& t : value.toOptionalTensorList().vec()) {
        if (t) {
          check(name, *t, true);
        }
        tensors.push_back(t ? std::optional<at::Tensor>(on_host(*t)) : std::nullopt);
      }
      value = tensors;
    } else if (value.isGenerator()) {
      auto generator = value.toGenerator();
      TORCH_CHECK(generator.device().type() == FAKE, "Expected a 'fake' device type for generator but found '", generator.device(), "' (", name, ")");
      value = static_cast<FakeGenerator*>(generator.unsafeGetGeneratorImpl())->inner;
    } else if (value.isDevice() && value.toDevice().type() == FAKE) {
      value = c10::Device(c10::kCPU);
    }
  }
  std::vector<c10::IValue> passed(stack->begin() + first, stack->end());
  op.redispatchBoxed(c10::DispatchKeySet(c10::DispatchKey::CPU), stack);
  // Where an out argument had to grow, the kernel gave the CPU's tensor other memory.
  for (size_t i = 0; i < count; i++) {
    const auto* alias = schema.arguments()[i].alias_info();
    if (alias == nullptr || !alias->isWrite() || !given[i].isTensor() || !fake(given[i].toTensor())) {
      continue;
    }
    const at::Tensor& mine = given[i].toTensor();
    const at::Tensor& theirs = passed[i].toTensor();
    if (theirs.sizes() != mine.sizes() || theirs.const_data_ptr() != on_host(mine).const_data_ptr()) {
      mine.resize_(theirs.sizes());
      on_host(mine).copy_(theirs);
    }
  }
  const size_t results = schema.returns().size();
  for (size_t r = 0; r < results; r++) {
    auto& value = (*stack)[stack->size() - results + r];
    const auto* alias = schema.returns()[r].alias_info();
    if (value.isTensor()) {
      if (alias != nullptr && alias->isWrite()) {
        // Out and in-place: the argument itself.
        for (size_t i = 0; i < count; i++) {
          const auto* from = schema.arguments()[i].alias_info();
          if (from != nullptr && from->isWrite() && from->afterSets() == alias->afterSets()) {
            value = given[i];
          }
        }
      } else {
        TORCH_CHECK(alias == nullptr, "The fake accelerator has no kernel for the view ", name);
        value = like(value.toTensor());
      }
    } else if (value.isTensorList()) {
      std::vector<at::Tensor> tensors;
      for (const at::Tensor& t : value.toTensorVector()) {
        tensors.push_back(like(t));
      }
      value = tensors;
    }
  }
}

// Attention takes the way that it takes on the CPU, so that results are equal bit for bit.
int64_t attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::optional<at::Tensor>& bias, double dropout,
                  bool causal, std::optional<double> scale, bool grouped) {
  return at::_fused_sdp_choice(on_host(q), on_host(k), on_host(v), bias ? std::optional<at::Tensor>(on_host(*bias)) : std::nullopt, dropout,
                               causal, scale, grouped);
}

}  // namespace

namespace at::native {
REGISTER_PRIVATEUSE1_DISPATCH(_fused_sdp_choice_stub, &attention)
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  m.impl("_copy_from", &copy_from);
  m.impl("_copy_from_and_resize", &copy_from_and_resize);
  m.impl("_local_scalar_dense", &local_scalar_dense);
  m.impl("resize_", &resize);
  m.impl("as_strided", &at::native::as_strided_tensorimpl);
  m.impl("view", &at::native::view);
  m.impl("_reshape_alias", &at::native::_reshape_alias);
  m.impl("unfold", &at::native::unfold);
  m.impl("set_.source_Storage_storage_offset", &at::native::set_storage_cpu_);
  // Without kernels of its own a device gets formulas that round otherwise.
  m.impl("silu_backward", torch::CppFunction::makeFromBoxedFunction<&fallback>());
  m.impl("native_layer_norm", torch::CppFunction::makeFromBoxedFunction<&fallback>());
  m.impl("set_.source_Tensor", static_cast<at::Tensor& (*)(at::Tensor&, const at::Tensor&)>(&at::native::set_tensor_));
}

namespace {
struct Start {
  Start() {
    static FakeHooks hooks;
    if (!at::isPrivateUse1HooksRegistered()) {
      at::RegisterPrivateUse1HooksInterface(&hooks);
    }
    c10::register_privateuse1_backend("fake");
  }
} start;
}  // namespace

// For Java: the native methods of org.dapt.tensor.FakeAccelerator.
#define FAKE_CLASS Java_org_dapt_tensor_FakeAccelerator
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)

extern "C" JNIEXPORT jlongArray JNICALL JOIN(FAKE_CLASS, _counters)(JNIEnv* env, jclass) {
  jlong values[COUNTERS];
  for (int i = 0; i < COUNTERS; i++) {
    values[i] = counters[i];
  }
  jlongArray out = env->NewLongArray(COUNTERS);
  env->SetLongArrayRegion(out, 0, COUNTERS, values);
  return out;
}

extern "C" JNIEXPORT void JNICALL JOIN(FAKE_CLASS, _reset)(JNIEnv*, jclass) {
  for (int i = 0; i < BYTES; i++) {
    counters[i] = 0;
  }
  counters[PEAK_BYTES] = counters[BYTES].load();
  std::lock_guard<std::mutex> lock(mutex);
  operators.clear();
}

extern "C" JNIEXPORT jstring JNICALL JOIN(FAKE_CLASS, _operators)(JNIEnv* env, jclass) {
  std::string text;
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto& [name, times] : operators) {
    text += name + " " + std::to_string(times) + "\n";
  }
  return env->NewStringUTF(text.c_str());
}

// Of this file as it was when the library was made of it.
extern "C" JNIEXPORT jstring JNICALL JOIN(FAKE_CLASS, _sourceSha256)(JNIEnv* env, jclass) { return env->NewStringUTF(SOURCE_SHA256); }

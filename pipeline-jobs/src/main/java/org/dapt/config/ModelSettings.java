package org.dapt.config;

import org.dapt.config.key.AsBefore;
import org.dapt.config.key.MayChange;
import org.dapt.config.key.NotHashed;
import org.dapt.config.read.SettingReader;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;
import org.dapt.tensor.Processor;

/**
 * The pre-trained model.
 *
 * @param path folder of the model, absolute or with a scheme
 * @param shape a {@code config.json} that a dry run takes where there is no folder yet; may be null
 * @param dtype type of the frozen weights
 * @param device that computes
 * @param dropout of the model's own layers in training, at least 0, which is none, and below 1
 */
public record ModelSettings(
    @MayChange String path,
    @NotHashed String shape,
    ComputeType dtype,
    @NotHashed DeviceChoice device,
    @AsBefore("0") double dropout) {
  static ModelSettings read(SettingReader in) {
    DeviceChoice device = in.choice("model.device", DeviceChoice.class);
    return new ModelSettings(
        in.path("model.path"),
        in.optionalPath("model.shape"),
        in.choice("model.dtype", TypeChoice.class).on(device, Processor.THIS),
        device,
        in.number("model.dropout", v -> v >= 0 && v < 1, "a number of at least 0 and below 1"));
  }
}

package org.dapt.convert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.TreeSet;
import org.dapt.convert.TokenFacts.Kind;
import org.dapt.io.JsonObjects;
import org.dapt.io.gguf.GgufMetadata;

/** Writes tokenizer.json and tokenizer_config.json as Transformers lays them out. */
final class TokenizerFiles {
  private static final JsonFactory JSON = JsonMapper.builder().build().getFactory();

  private final TokenFacts tokens;

  TokenizerFiles(TokenFacts tokens) {
    this.tokens = tokens;
  }

  /** The content of tokenizer.json. */
  byte[] tokenizer(TokenizerParts parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("version", "1.0");
      json.writeNullField("truncation");
      json.writeNullField("padding");
      json.writeObjectField("added_tokens", added());
      json.writeNullField("normalizer");
      json.writeObjectField("pre_tokenizer", parts.preTokenizer());
      json.writeObjectField("post_processor", template());
      json.writeObjectField("decoder", parts.decoder());
      json.writeObjectFieldStart("model");
      json.writeStringField("type", "BPE");
      json.writeNullField("dropout");
      if (!parts.model().has("unk_token")) {
        json.writeNullField("unk_token");
      }
      json.writeNullField("continuing_subword_prefix");
      json.writeNullField("end_of_word_suffix");
      for (var field : parts.model().properties()) {
        json.writeObjectField(field.getKey(), field.getValue());
      }
      json.writeObjectFieldStart("vocab");
      for (int id = 0; id < parts.vocabulary().size(); id++) {
        json.writeNumberField(parts.vocabulary().get(id), id);
      }
      json.writeEndObject();
      json.writeArrayFieldStart("merges");
      for (TokenizerParts.Merge merge : parts.merges()) {
        json.writeArray(new String[] {merge.left(), merge.right()}, 0, 2);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** The content of tokenizer_config.json. */
  byte[] config(GgufMetadata metadata, int positions) {
    ObjectNode config =
        JsonObjects.create()
            .put("add_bos_token", tokens.addBos())
            .put("add_eos_token", tokens.addEos());
    put(config, "bos_token", tokens.bos());
    metadata
        .text("tokenizer.chat_template")
        .ifPresent(template -> config.put("chat_template", template));
    config.put("clean_up_tokenization_spaces", false);
    put(config, "eos_token", tokens.eos());
    config.put("model_max_length", positions);
    put(config, "pad_token", tokens.pad());
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    put(config, "unk_token", tokens.unknown());
    return JsonObjects.bytes(config);
  }

  private void put(ObjectNode config, String name, Integer id) {
    if (id != null) {
      config.put(name, tokens.text(id));
    }
  }

  /** Tokens that are looked for in the text itself. */
  private ArrayNode added() {
    TreeSet<Integer> named = new TreeSet<>();
    for (Integer id : new Integer[] {tokens.bos(), tokens.eos(), tokens.unknown(), tokens.pad()}) {
      if (id != null) {
        named.add(id);
      }
    }
    ArrayNode added = JsonObjects.create().putArray("added_tokens");
    for (int id = 0; id < tokens.texts().size(); id++) {
      Kind kind = tokens.kinds().get(id);
      boolean special = kind == Kind.CONTROL || kind == Kind.UNKNOWN || named.contains(id);
      // One without text would be found everywhere.
      if ((special || kind == Kind.USER_DEFINED) && !tokens.text(id).isEmpty()) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens.text(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", special);
      }
    }
    return added;
  }

  private JsonNode template() {
    ObjectNode template = JsonObjects.create().put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    ArrayNode pair = template.putArray("pair");
    ObjectNode specials = template.putObject("special_tokens");
    around(single, "A", 0, specials);
    around(pair, "A", 0, specials);
    around(pair, "B", 1, specials);
    return template;
  }

  private void around(ArrayNode steps, String sequence, int type, ObjectNode specials) {
    if (tokens.addBos()) {
      special(steps, tokens.bos(), type, specials);
    }
    steps.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
    if (tokens.addEos()) {
      special(steps, tokens.eos(), type, specials);
    }
  }

  private void special(ArrayNode steps, int id, int type, ObjectNode specials) {
    String text = tokens.text(id);
    steps.addObject().putObject("SpecialToken").put("id", text).put("type_id", type);
    ObjectNode special = specials.putObject(text).put("id", text);
    special.putArray("ids").add(id);
    special.putArray("tokens").add(text);
  }
}

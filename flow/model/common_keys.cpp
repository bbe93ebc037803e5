#include "flow/model/common_keys.h"

namespace flexcim {
namespace {

/// Keys of transformers' PretrainedConfig (versions 4 and 5) and of tools that write config.json, none of which changes
/// what a model computes from its tokens. architectures and model_type have chosen the reader; eos_token_id is read by
/// end_tokens.
constexpr std::string_view kIdle[] = {
    // What the file is, and who made it.
    "_comment", "_commit_hash", "_name_or_path", "architectures", "finetuning_task", "model_type", "name_or_path",
    "task", "transformers.js_config", "transformers_version", "unsloth_fixed", "unsloth_version",
    // Types and kernels of the computation: the file's own types are read, sums are in float.
    "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal", "_experts_implementation",
    "_flash_attn_2_enabled", "attn_implementation", "dtype", "torch_dtype", "torchscript", "use_bfloat16", "use_cache",
    "use_flash_attention", "use_flash_attention_2", "use_flash_attn", "use_flash_attn_2",
    // Forms of the output, chunks that give the same sums.
    "chunk_size_feed_forward", "is_decoder", "keys_to_ignore_at_inference", "output_attentions", "output_hidden_states",
    "output_past", "output_scores", "return_dict", "return_dict_in_generate",
    // Training.
    "attention_dropout", "dropout", "embd_pdrop", "gradient_checkpointing", "hidden_dropout", "initializer_range",
    "neftune_noise_alpha", "resid_pdrop", "tf_legacy_loss", "use_gradient_checkpointing",
    // Classifiers: the head is not theirs.
    "id2label", "label2id", "num_labels", "problem_type", "task_specific_params",
    // The tokenizer. What is read are token ids.
    "bos_token_id", "decoder_start_token_id", "eos_token_id", "max_sequence_length", "model_max_length", "pad_token_id",
    "prefix", "sep_token_id", "tokenizer_class", "unk_token_id",
    // How transformers' generate would search and draw: here the likeliest token is taken, as many as were asked for.
    "do_sample", "diversity_penalty", "early_stopping", "encoder_no_repeat_ngram_size", "length_penalty", "max_length",
    "num_beam_groups", "num_beams", "num_return_sequences", "remove_invalid_values", "temperature", "top_k", "top_p",
    "typical_p"};

}  // namespace

void require_plain_decoding(const ModelConfig& config) {
  for (const char* key : {"min_length", "min_new_tokens", "no_repeat_ngram_size"}) config.require(key, 0);
  for (const char* key : {"repetition_penalty", "encoder_repetition_penalty"}) config.require(key, 1);
  for (const char* key : {"bad_words_ids", "begin_suppress_tokens", "exponential_decay_length_penalty",
                          "forced_bos_token_id", "forced_eos_token_id", "sequence_bias", "suppress_tokens"}) {
    config.require(key, nullptr);
  }
}

void require_known_keys(const ModelConfig& config, std::set<std::string_view> idle) {
  for (const char* key : {"add_cross_attention", "is_encoder_decoder", "tie_encoder_decoder"})
    config.require(key, false);
  config.require("pruned_heads", nlohmann::json::object());
  require_plain_decoding(config);
  idle.insert(std::begin(kIdle), std::end(kIdle));
  config.require_all_known(idle);
}

}  // namespace flexcim

// Chat templates and replies, over libllama-common. See panllama_chat.h.
#include "panllama_chat_internal.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace panllama;

struct panllama_chat_template {
    chat_renderer renderer;
};

struct panllama_chat_input {
    chat_input  input;
    std::string argument;
};

struct panllama_chat_prompt {
    std::string      text;
    reply_format_ptr format;
};

struct panllama_chat_reply {
    common_chat_msg message;
};

// ---- template -------------------------------------------------------------------------------------------------------

static std::string piece(const llama_vocab * vocab, llama_token token) {
    return token == LLAMA_TOKEN_NULL ? "" : common_token_to_piece(vocab, token, true);
}

int32_t panllama_chat_template_create(const struct llama_model * model, const char * text, size_t length,
                                      struct panllama_chat_template ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        guard_templates();
        const llama_vocab * vocab  = llama_model_get_vocab(model);
        const std::string   bos    = piece(vocab, llama_vocab_bos(vocab));
        const std::string   eos    = piece(vocab, llama_vocab_eos(vocab));
        const char *        own    = length == 0 ? llama_model_chat_template(model, nullptr) : nullptr;
        const std::string   source = length == 0 ? (own == nullptr ? "" : own) : std::string(text, length);
        if (!source.empty() && source != "chatml") {
            // libllama-common logs why a template is wrong and throws something that does not say it. This says it.
            const common_chat_template compiled(source, bos, eos);
        }
        auto templates = common_chat_templates_init(model, std::string(text, length));
        *out           = new panllama_chat_template{ { std::move(templates), bos, eos } };
    });
}

void panllama_chat_template_free(struct panllama_chat_template * chat_template) noexcept {
    swallowed([&] { delete chat_template; });
}

int32_t panllama_chat_template_supports(const struct panllama_chat_template * chat_template,
                                        const char * capability) noexcept {
    return guarded([&] { return chat_template->renderer.supports(capability) ? 1 : 0; });
}

// ---- input ----------------------------------------------------------------------------------------------------------

int32_t panllama_chat_input_create(struct panllama_chat_input ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        auto made                           = std::make_unique<panllama_chat_input>();
        made->input.inputs.reasoning_format = COMMON_REASONING_FORMAT_DEEPSEEK;
        *out                                = made.release();
    });
}

void panllama_chat_input_free(struct panllama_chat_input * input) noexcept {
    swallowed([&] { delete input; });
}

template <typename T> static T & last(std::vector<T> & list, const char * what) {
    if (list.empty()) {
        throw std::logic_error(std::string("this text belongs to a ") + what + ", and there is none yet");
    }
    return list.back();
}

int32_t panllama_chat_input_text(struct panllama_chat_input * input, int32_t kind, const char * text,
                                 size_t length) noexcept {
    return guarded_ok([&] {
        common_chat_templates_inputs & in = input->input.inputs;
        std::string                    value(text, length);
        const auto                     message = [&]() -> common_chat_msg & { return last(in.messages, "message"); };
        const auto call = [&]() -> common_chat_tool_call & { return last(message().tool_calls, "tool call"); };
        switch (kind) {
            case PANLLAMA_CHAT_ROLE:
                in.messages.emplace_back();
                in.messages.back().role = std::move(value);
                break;
            case PANLLAMA_CHAT_CONTENT:
                message().content = std::move(value);
                break;
            case PANLLAMA_CHAT_REASONING:
                message().reasoning_content = std::move(value);
                break;
            case PANLLAMA_CHAT_TOOL_NAME:
                message().tool_name = std::move(value);
                break;
            case PANLLAMA_CHAT_TOOL_CALL_ID:
                message().tool_call_id = std::move(value);
                break;
            case PANLLAMA_CHAT_CALL_NAME:
                message().tool_calls.emplace_back();
                call().name = std::move(value);
                break;
            case PANLLAMA_CHAT_CALL_ARGUMENTS:
                call().arguments = std::move(value);
                break;
            case PANLLAMA_CHAT_CALL_ID:
                call().id = std::move(value);
                break;
            case PANLLAMA_CHAT_TOOL:
                in.tools.emplace_back();
                in.tools.back().name = std::move(value);
                break;
            case PANLLAMA_CHAT_TOOL_DESCRIPTION:
                last(in.tools, "tool").description = std::move(value);
                break;
            case PANLLAMA_CHAT_TOOL_PARAMETERS:
                last(in.tools, "tool").parameters = std::move(value);
                break;
            case PANLLAMA_CHAT_ARGUMENT:
                input->argument = std::move(value);
                break;
            case PANLLAMA_CHAT_ARGUMENT_VALUE:
                in.chat_template_kwargs[input->argument] = std::move(value);
                break;
            case PANLLAMA_CHAT_RESPONSE_SCHEMA:
                in.json_schema = std::move(value);
                break;
            default:
                throw std::invalid_argument("an input has no text of kind " + std::to_string(kind));
        }
    });
}

int32_t panllama_chat_input_option(struct panllama_chat_input * input, int32_t option, int32_t value) noexcept {
    return guarded_ok([&] {
        common_chat_templates_inputs & in = input->input.inputs;
        switch (option) {
            case PANLLAMA_CHAT_GENERATION_PROMPT:
                in.add_generation_prompt = value != 0;
                break;
            case PANLLAMA_CHAT_THINKING:
                input->input.thinking = value != 0;
                break;
            case PANLLAMA_CHAT_PARALLEL_CALLS:
                input->input.parallel_calls = value != 0;
                break;
            case PANLLAMA_CHAT_TOOL_CHOICE:
                in.tool_choice = static_cast<common_chat_tool_choice>(value);
                break;
            case PANLLAMA_CHAT_CONTINUATION:
                in.continue_final_message = static_cast<common_chat_continuation>(value);
                break;
            default:
                throw std::invalid_argument("an input has no option " + std::to_string(option));
        }
    });
}

int32_t panllama_chat_input_time(struct panllama_chat_input * input, int64_t seconds) noexcept {
    return guarded_ok([&] {
        const std::time_t time = static_cast<std::time_t>(seconds);
        std::tm           fields{};
#if defined(_WIN32)
        const bool known = gmtime_s(&fields, &time) == 0;
#else
        const bool known = gmtime_r(&time, &fields) != nullptr;
#endif
        if (!known) {
            throw std::invalid_argument("there is no date " + std::to_string(seconds) + " seconds from 1970");
        }
        input->input.time = fields;
    });
}

// ---- prompt ---------------------------------------------------------------------------------------------------------

int32_t panllama_chat_render(const struct panllama_chat_template * chat_template,
                             const struct panllama_chat_input * input, struct panllama_chat_prompt ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        auto made    = std::make_unique<panllama_chat_prompt>();
        made->format = chat_template->renderer.render(input->input, made->text);
        *out         = made.release();
    });
}

void panllama_chat_prompt_free(struct panllama_chat_prompt * prompt) noexcept {
    swallowed([&] { delete prompt; });
}

static const char * text_of(const std::string & text, size_t * length) noexcept {
    *length = text.size();
    return text.c_str();
}

static const char * single(const std::string & text, size_t index, size_t * length) noexcept {
    return index == 0 ? text_of(text, length) : nullptr;
}

static const char * element(const std::vector<std::string> & list, size_t index, size_t * length) noexcept {
    return index < list.size() ? text_of(list[index], length) : nullptr;
}

// The index-th trigger of a type. Formats have no others than words and patterns.
static const char * trigger(const common_chat_params & params, common_grammar_trigger_type type, size_t index,
                            size_t * length) noexcept {
    for (const common_grammar_trigger & each : params.grammar_triggers) {
        if (params.grammar_lazy && each.type == type && index-- == 0) {
            return text_of(each.value, length);
        }
    }
    return nullptr;
}

const char * panllama_chat_prompt_text(const struct panllama_chat_prompt * prompt, int32_t kind, size_t index,
                                       size_t * length) noexcept {
    *length                           = 0;
    const common_chat_params & params = prompt->format->params;
    switch (kind) {
        case PANLLAMA_CHAT_PROMPT:
            return single(prompt->text, index, length);
        case PANLLAMA_CHAT_REPLY_BEGIN:
            return single(params.generation_prompt, index, length);
        case PANLLAMA_CHAT_THINKING_BEGIN:
            return single(params.thinking_start_tag, index, length);
        case PANLLAMA_CHAT_THINKING_END:
            return element(params.thinking_end_tags, index, length);
        case PANLLAMA_CHAT_STOP:
            return element(params.additional_stops, index, length);
        case PANLLAMA_CHAT_PRESERVED:
            return element(params.preserved_tokens, index, length);
        case PANLLAMA_CHAT_GRAMMAR:
            return single(params.grammar, index, length);
        case PANLLAMA_CHAT_TRIGGER:
            return trigger(params, COMMON_GRAMMAR_TRIGGER_TYPE_WORD, index, length);
        case PANLLAMA_CHAT_PATTERN:
            return trigger(params, COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN, index, length);
        case PANLLAMA_CHAT_FORMAT:
            *length = index == 0 ? std::char_traits<char>::length(prompt->format->name) : 0;
            return index == 0 ? prompt->format->name : nullptr;
        default:
            return nullptr;
    }
}

// ---- reply ----------------------------------------------------------------------------------------------------------

int32_t panllama_chat_parse(const struct panllama_chat_prompt * prompt, const char * text, size_t length, bool partial,
                            struct panllama_chat_reply ** out) noexcept {
    *out = nullptr;
    return guarded_ok([&] {
        auto              made = std::make_unique<panllama_chat_reply>();
        const std::string reply(text, length);
        made->message = common_chat_parse(reply, partial, prompt->format->parser);
        if (!partial && is_cut_in_call(*prompt->format, reply)) {
            throw std::runtime_error("it ends in the middle of a tool call");
        }
        *out = made.release();
    });
}

void panllama_chat_reply_free(struct panllama_chat_reply * reply) noexcept {
    swallowed([&] { delete reply; });
}

const char * panllama_chat_reply_text(const struct panllama_chat_reply * reply, int32_t kind, size_t index,
                                      size_t * length) noexcept {
    *length                         = 0;
    const common_chat_msg & message = reply->message;
    if (kind == PANLLAMA_CHAT_CONTENT || kind == PANLLAMA_CHAT_REASONING) {
        return single(kind == PANLLAMA_CHAT_CONTENT ? message.content : message.reasoning_content, index, length);
    }
    if (index >= message.tool_calls.size()) {
        return nullptr;
    }
    const common_chat_tool_call & call = message.tool_calls[index];
    switch (kind) {
        case PANLLAMA_CHAT_CALL_NAME:
            return text_of(call.name, length);
        case PANLLAMA_CHAT_CALL_ARGUMENTS:
            return text_of(call.arguments, length);
        case PANLLAMA_CHAT_CALL_ID:
            return text_of(call.id, length);
        default:
            return nullptr;
    }
}

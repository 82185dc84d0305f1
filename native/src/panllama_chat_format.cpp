// Rendering, and the formats of replies. See panllama_chat_internal.h.
#include "panllama_chat_internal.h"

#include "chat-auto-parser.h"

#include <stdexcept>
#include <utility>

namespace panllama {

// Formats that a template remembers: with and without thinking, tools, and so on.
static const size_t MAX_FORMATS = 16;

// Whether libllama-common knows the template and has a parser for it. It goes by the template's text.
static bool is_specialized(const common_chat_templates * templates, const std::string & bos, const std::string & eos) {
    const std::string             source = common_chat_templates_source(templates);
    const common_chat_template    compiled(source, bos, eos);
    autoparser::generation_params params;
    try {
        params.messages = common_json::array({ common_json{ { "role", "user" }, { "content", "Hi" } } });
        return common_chat_try_specialized_template(compiled, source, params).has_value();
    } catch (const std::exception &) {
        // It was recognised, and the one message does not suit it.
        return true;
    }
}

chat_renderer::chat_renderer(common_chat_templates_ptr templates, const std::string & bos, const std::string & eos) :
    handle(std::move(templates)), has_own_parser(is_specialized(handle.get(), bos, eos)) {}

// All that a format hangs on, but for the beginning of the reply.
static std::string asked_by(const common_chat_templates_inputs & inputs) {
    std::string asked;
    const auto  add = [&](const std::string & text) { asked += std::to_string(text.size()) + ':' + text; };
    for (const auto & tool : inputs.tools) {
        add(tool.name);
        add(tool.description);
        add(tool.parameters);
    }
    asked += '|';
    for (const auto & argument : inputs.chat_template_kwargs) {
        add(argument.first);
        add(argument.second);
    }
    for (const int option : { int(inputs.tool_choice), int(inputs.add_generation_prompt), int(inputs.enable_thinking),
                              int(inputs.parallel_tool_calls), int(inputs.reasoning_format) }) {
        asked += '|' + std::to_string(option);
    }
    return asked;
}

reply_format_ptr chat_renderer::find(const std::string & asked, const std::string * reply_begin) const {
    const std::lock_guard<std::mutex> hold(lock);
    for (const known & one : formats) {
        if (one.asked == asked && (!reply_begin || one.format->params.generation_prompt == *reply_begin)) {
            return one.format;
        }
    }
    return nullptr;
}

void chat_renderer::remember(const std::string & asked, const reply_format_ptr & format) const {
    const std::lock_guard<std::mutex> hold(lock);
    if (formats.size() == MAX_FORMATS) {
        formats.pop_front();
    }
    formats.push_back({ asked, format });
}

reply_format_ptr chat_renderer::render(const common_chat_templates_inputs & inputs, std::string & prompt) const {
    // A parser of its own may change the messages before they are rendered.
    const std::string asked = has_own_parser ? "" : asked_by(inputs);
    if (!has_own_parser && find(asked, nullptr)) {
        try {
            common_chat_templates_inputs quick = inputs;
            quick.force_pure_content           = true;
            common_chat_params params          = common_chat_templates_apply(handle.get(), quick);
            if (auto format = find(asked, &params.generation_prompt)) {
                prompt = std::move(params.prompt);
                return format;
            }
        } catch (const std::exception &) {
            // What is wrong is told below, in the words that it has for the first prompt.
        }
    }
    auto format    = std::make_shared<reply_format>();
    format->params = common_chat_templates_apply(handle.get(), inputs);
    prompt         = std::move(format->params.prompt);
    format->params.prompt.clear();
    format->parser                  = common_chat_parser_params(format->params);
    format->parser.reasoning_format = inputs.reasoning_format;
    if (!format->params.parser.empty()) {
        format->parser.parser.load(format->params.parser);
    }
    format->name = common_chat_format_name(format->params.format);
    if (!has_own_parser) {
        remember(asked, format);
    }
    return format;
}

}  // namespace panllama

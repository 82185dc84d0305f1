// Rendering, and the formats of replies. See panllama_chat_internal.h.
#include "panllama_chat_internal.h"

#include "chat-auto-parser.h"
#include "chat-peg-parser.h"
#include "jinja/value.h"
#include "peg-parser.h"

#include <cstdint>
#include <ctime>
#include <limits>
#include <stdexcept>
#include <utility>

namespace panllama {

// Formats that a template remembers: with and without thinking, tools, and so on.
static const size_t MAX_FORMATS = 16;

// A character that continues no mark of any format.
static const char NO_MARK = '\x01';

static void guard_divisions() {
    // The test `divisibleby` divides in native code, where zero is a signal that ends the process. Its name may be put
    // together while a template runs (`select`, `rejectattr`), even of a message's text, so that no check of the
    // template sees it; what the name stands for is exchanged instead. The table is const where it is declared, but made
    // at run time, so its memory can be written.
    auto & tests = const_cast<jinja::func_builtins &>(jinja::global_builtins());
    auto & test  = tests.at("test_is_divisibleby");
    test         = [divide = test](const jinja::func_args & args) {
        // What is no number throws here, and what is none of that kind throws there.
        const int64_t number  = args.get_pos(0)->as_int();
        const int64_t divisor = args.get_pos(1)->as_int();
        // The smallest number divided by -1 is a signal too.
        if (divisor == 0 || (divisor == -1 && number == std::numeric_limits<int64_t>::min())) {
            throw std::runtime_error(std::to_string(number) + " is divided by " + std::to_string(divisor) +
                                     " in the test divisibleby");
        }
        return divide(args);
    };
}

// The time that templates on this thread are told; null for the clock's.
static thread_local const std::tm * told_time = nullptr;

static std::string format_time(const char * format, const std::tm & time) {
    char         text[100];  // as long as in libllama-common
    const size_t length = std::strftime(text, sizeof(text), format, &time);
    if (length == 0) {
        throw std::runtime_error("strftime_now: failed to format time");
    }
    return std::string(text, length);
}

static void guard_time() {
    auto & functions = const_cast<jinja::func_builtins &>(jinja::global_builtins());
    auto & function  = functions.at("strftime_now");
    function         = [clock = function](const jinja::func_args & args) -> jinja::value {
        if (told_time == nullptr) {
            return clock(args);
        }
        args.ensure_vals<jinja::value_string>();
        return jinja::mk_val<jinja::value_string>(
            format_time(args.get_pos(0)->as_string().str().c_str(), *told_time));
    };
}

void guard_templates() {
    static const bool guarded = [] {
        guard_divisions();
        guard_time();
        return true;
    }();
    (void) guarded;
}

// While it lives, templates on this thread are told that time, where there is one.
class time_telling {
  public:
    explicit time_telling(const std::optional<std::tm> & time) { told_time = time ? &*time : nullptr; }

    ~time_telling() { told_time = nullptr; }

    time_telling(const time_telling &)             = delete;
    time_telling & operator=(const time_telling &) = delete;
};

// Whether libllama-common knows the template and has a parser for it. It goes by the template's text.
static bool is_specialized(const std::string & source, const std::string & bos, const std::string & eos) {
    if (source.empty()) {
        return false;
    }
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
    handle(std::move(templates)),
    has_own_parser(is_specialized(common_chat_templates_source(handle.get()), bos, eos) ||
                   is_specialized(common_chat_templates_source(handle.get(), "tool_use"), bos, eos)) {}

bool chat_renderer::supports(const std::string & capability) const {
    if (capability == "enable_thinking") {
        {
            const std::lock_guard<std::mutex> hold(lock);
            if (thinks >= 0) {
                return thinks == 1;
            }
        }
        const bool                        found = common_chat_templates_support_enable_thinking(handle.get());
        const std::lock_guard<std::mutex> hold(lock);
        thinks = found ? 1 : 0;
        return found;
    }
    const auto all   = common_chat_templates_get_caps(handle.get());
    const auto found = all.find(capability);
    if (found == all.end()) {
        throw std::invalid_argument("there is no capability " + capability);
    }
    return found->second;
}

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
    add(inputs.json_schema);
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

bool chat_renderer::may_think() const {
    try {
        return supports("enable_thinking");
    } catch (const std::exception &) {
        // It cannot be found out by one question, as where the template demands an argument; and it is on by default.
        return true;
    }
}

// As llama-server completes a request.
common_chat_templates_inputs chat_renderer::complete(const chat_input & input) const {
    common_chat_templates_inputs inputs = input.inputs;
    inputs.parallel_tool_calls = input.parallel_calls ? *input.parallel_calls : supports("supports_parallel_tool_calls");
    inputs.enable_thinking     = input.thinking ? *input.thinking : may_think();
    if (input.thinking) {
        inputs.chat_template_kwargs["enable_thinking"] = *input.thinking ? "true" : "false";
    }
    inputs.chat_template_kwargs.emplace("preserve_reasoning", "true");
    if (input.time) {
        const auto tell = [&](const char * name, const char * format) {
            inputs.chat_template_kwargs.emplace(name, common_json(format_time(format, *input.time)).dump());
        };
        tell("datetime", "%b %d %Y");
        tell("date_string", "%d %b %Y");
    }
    return inputs;
}

reply_format_ptr chat_renderer::render(const chat_input & input, std::string & prompt) const {
    const time_telling                 telling(input.time);
    const common_chat_templates_inputs inputs = complete(input);
    // A parser of its own may change the messages before they are rendered; a reply that was begun belongs to its format.
    const bool        once  = has_own_parser || inputs.continue_final_message != COMMON_CHAT_CONTINUATION_NONE;
    const std::string asked = once ? "" : asked_by(inputs);
    if (!once && find(asked, nullptr)) {
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
    if (!once) {
        remember(asked, format);
    }
    return format;
}

static bool is_whole(const common_peg_arena & parser, const std::string & reply) {
    common_peg_parse_context context(reply, COMMON_PEG_PARSE_FLAG_NONE);
    return parser.parse(context).success();
}

bool is_cut_in_call(const reply_format & format, const std::string & reply) {
    const common_peg_arena & parser = format.parser.parser;
    if (parser.empty()) {
        return false;
    }
    const std::string whole = format.parser.generation_prompt + reply;
    // An end that is the beginning of a mark, such as "3 <", is text where nothing makes a mark of it.
    const std::string text_goes_on = whole + NO_MARK;
    if (is_whole(parser, whole) || is_whole(parser, text_goes_on)) {
        return false;
    }
    // Formats that demand a call after them refuse an answer or reasoning that was cut short, which is fine here.
    common_peg_parse_context context(text_goes_on, COMMON_PEG_PARSE_FLAG_LENIENT);
    const auto               result = parser.parse(context);
    bool                     text   = false;
    context.ast.visit(result, [&](const common_peg_ast_node & node) {
        using tags        = common_chat_peg_builder;
        const bool spoken = node.tag == tags::CONTENT || node.tag == tags::REASONING;
        text              = text || (spoken && node.end == text_goes_on.size());
    });
    return !text;
}

}  // namespace panllama

// What the chat files of the shim share. Not part of the contract: nothing here is exported.
#ifndef PANLLAMA_CHAT_INTERNAL_H
#define PANLLAMA_CHAT_INTERNAL_H

#include "panllama_internal.h"

#include "chat.h"

#include <ctime>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace panllama {

// Makes a division by zero in a template an exception, and lets templates be told another time than the clock's. Called
// before the first template of the process is compiled.
void guard_templates();

// What a template is applied to.
struct chat_input {
    common_chat_templates_inputs inputs;
    std::optional<bool>          thinking;
    std::optional<bool>          parallel_calls;
    std::optional<std::tm>       time;
};

// How replies to a prompt are read.
struct reply_format {
    common_chat_params        params;  // without the prompt itself
    common_chat_parser_params parser;
    const char *              name;
};

using reply_format_ptr = std::shared_ptr<const reply_format>;

// Renders one template, and remembers the formats of the replies. libllama-common finds a format out anew for each prompt,
// by rendering the template with dozens of conversations of its own; but the format hangs on the tools, the options and
// the beginning of the reply alone, and most prompts of a template have these in common. May be shared by threads.
class chat_renderer {
  public:
    chat_renderer(common_chat_templates_ptr templates, const std::string & bos, const std::string & eos);

    bool supports(const std::string & capability) const;

    const common_chat_templates * templates() const { return handle.get(); }

    // Answers the format and writes the prompt.
    reply_format_ptr render(const chat_input & input, std::string & prompt) const;

  private:
    struct known {
        std::string      asked;
        reply_format_ptr format;
    };

    bool                         may_think() const;
    common_chat_templates_inputs complete(const chat_input & input) const;
    reply_format_ptr find(const std::string & asked, const std::string * reply_begin) const;
    void             remember(const std::string & asked, const reply_format_ptr & format) const;

    common_chat_templates_ptr handle;
    bool                      has_own_parser;
    mutable std::mutex        lock;
    mutable std::deque<known> formats;
    mutable int               thinks = -1;  // whether the template knows of reasoning; -1 until it was asked
};

// Whether a reply that common_chat_parse() accepts as a whole one ends in the middle of a tool call.
bool is_cut_in_call(const reply_format & format, const std::string & reply);

}  // namespace panllama

#endif  // PANLLAMA_CHAT_INTERNAL_H

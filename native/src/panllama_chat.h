/*
 * panllama_chat.h: chat templates and the parsing of replies, which only libllama-common has. Part of panllama.h, whose
 * rules hold here too. Texts are UTF-8 with their length in bytes; they may contain NUL.
 *
 * Threads. A template may be shared. An input, a prompt and a reply belong to one thread at a time; reading a prompt or a
 * reply, and parsing with a prompt, may be shared.
 */
#ifndef PANLLAMA_CHAT_H
#define PANLLAMA_CHAT_H

#ifndef PANLLAMA_H
#    error "include panllama.h"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A compiled Jinja template. */
struct panllama_chat_template;
/* What a template is applied to: messages, tools, arguments, options. */
struct panllama_chat_input;
/* What came of it: the prompt, and how to read the reply. */
struct panllama_chat_prompt;
/* A reply, taken apart. */
struct panllama_chat_reply;

/*
 * Compiles a template for a model, which it does not need any more afterwards. The text "chatml" stands for the template
 * of that name. Without a text (`length` 0) it is the model's own, with the one that it has for tools, and "chatml" where
 * it has none. Refused with the compiler's own words.
 */
PANLLAMA_API int32_t panllama_chat_template_create(const struct llama_model * model, const char * text, size_t length,
                                                   struct panllama_chat_template ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_chat_template_free(struct panllama_chat_template * chat_template) PANLLAMA_NOEXCEPT;

/*
 * What the template can do, by its name in libllama-common ("supports_tools", "supports_tool_calls",
 * "supports_system_role", …) or "enable_thinking": 1, 0, or PANLLAMA_FAILED.
 */
PANLLAMA_API int32_t panllama_chat_template_supports(const struct panllama_chat_template * chat_template,
                                                     const char * capability) PANLLAMA_NOEXCEPT;

PANLLAMA_API int32_t panllama_chat_input_create(struct panllama_chat_input ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_chat_input_free(struct panllama_chat_input * input) PANLLAMA_NOEXCEPT;

/* Texts of an input. Those after ROLE belong to the last message, those after CALL_NAME to its last call, and so on. */
#define PANLLAMA_CHAT_ROLE 0             /* begins a message */
#define PANLLAMA_CHAT_CONTENT 1
#define PANLLAMA_CHAT_REASONING 2
#define PANLLAMA_CHAT_TOOL_NAME 3        /* of a message with a tool's result */
#define PANLLAMA_CHAT_TOOL_CALL_ID 4
#define PANLLAMA_CHAT_CALL_NAME 5        /* begins a tool call of an assistant's message */
#define PANLLAMA_CHAT_CALL_ARGUMENTS 6   /* JSON */
#define PANLLAMA_CHAT_CALL_ID 7
#define PANLLAMA_CHAT_TOOL 8             /* begins a tool that may be called */
#define PANLLAMA_CHAT_TOOL_DESCRIPTION 9
#define PANLLAMA_CHAT_TOOL_PARAMETERS 10 /* a JSON schema */
#define PANLLAMA_CHAT_ARGUMENT 11        /* begins an argument of the template */
#define PANLLAMA_CHAT_ARGUMENT_VALUE 12  /* JSON */
#define PANLLAMA_CHAT_RESPONSE_SCHEMA 13 /* a JSON schema that the whole reply obeys */

/* Gives an input a text. */
PANLLAMA_API int32_t panllama_chat_input_text(struct panllama_chat_input * input, int32_t kind, const char * text,
                                              size_t length) PANLLAMA_NOEXCEPT;

/* Options of an input. */
#define PANLLAMA_CHAT_GENERATION_PROMPT 0 /* end with the beginning of the reply; 1 unless set */
#define PANLLAMA_CHAT_THINKING 1          /* let the model reason; whether the template knows of it, unless set */
#define PANLLAMA_CHAT_PARALLEL_CALLS 2    /* allow several tool calls in a reply; as the template does, unless set */
#define PANLLAMA_CHAT_TOOL_CHOICE 3       /* 0 as the model likes, 1 at least one call, 2 none */
#define PANLLAMA_CHAT_CONTINUATION 4      /* the last message is to be gone on with: 0 not, 1 where it ends, 2 in its
                                             reasoning, 3 in its content */

PANLLAMA_API int32_t panllama_chat_input_option(struct panllama_chat_input * input, int32_t option, int32_t value)
    PANLLAMA_NOEXCEPT;

/*
 * The time that templates are told, as the local clock shows it: seconds from the beginning of 1970. The clock's own
 * unless set.
 */
PANLLAMA_API int32_t panllama_chat_input_time(struct panllama_chat_input * input, int64_t seconds) PANLLAMA_NOEXCEPT;

/*
 * Applies the template. The input stays the caller's and may be used again. The first prompt of a template, and the first
 * with other tools or options, takes many times as long as those after it.
 */
PANLLAMA_API int32_t panllama_chat_render(const struct panllama_chat_template * chat_template,
                                          const struct panllama_chat_input * input, struct panllama_chat_prompt ** out)
    PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_chat_prompt_free(struct panllama_chat_prompt * prompt) PANLLAMA_NOEXCEPT;

/* Texts of a prompt. */
#define PANLLAMA_CHAT_PROMPT 0         /* what the model is given */
#define PANLLAMA_CHAT_REPLY_BEGIN 1    /* the end of it that already belongs to the reply */
#define PANLLAMA_CHAT_THINKING_BEGIN 2 /* the mark before reasoning, "" where the template has none */
#define PANLLAMA_CHAT_THINKING_END 3   /* the marks that end it, one an index */
#define PANLLAMA_CHAT_STOP 4           /* texts that end a reply, one an index */
#define PANLLAMA_CHAT_PRESERVED 5      /* special tokens that the parser must see, one an index */
#define PANLLAMA_CHAT_GRAMMAR 6        /* GBNF that tool calls, or an answer of a JSON schema, obey; "" for none */
#define PANLLAMA_CHAT_TRIGGER 7        /* texts that wake that grammar, one an index; without any it is awake */
#define PANLLAMA_CHAT_FORMAT 8         /* libllama-common's name of the format */
#define PANLLAMA_CHAT_PATTERN 9        /* regular expressions that wake the grammar too, one an index */

/* A text of a prompt, which owns it; NULL where there is none with that kind and index. `length` gets its bytes. */
PANLLAMA_API const char * panllama_chat_prompt_text(const struct panllama_chat_prompt * prompt, int32_t kind,
                                                    size_t index, size_t * length) PANLLAMA_NOEXCEPT;

/*
 * Takes a reply apart, without its end token. `partial`: it may go on, and what is there so far is answered. Refused
 * where it does not have the prompt's format, and where a whole reply ends in the middle of a tool call; not where it ends
 * in the middle of reasoning or of the answer.
 */
PANLLAMA_API int32_t panllama_chat_parse(const struct panllama_chat_prompt * prompt, const char * text, size_t length,
                                         bool partial, struct panllama_chat_reply ** out) PANLLAMA_NOEXCEPT;
PANLLAMA_API void    panllama_chat_reply_free(struct panllama_chat_reply * reply) PANLLAMA_NOEXCEPT;

/*
 * A text of a reply, which owns it: PANLLAMA_CHAT_CONTENT, PANLLAMA_CHAT_REASONING, and of each tool call
 * PANLLAMA_CHAT_CALL_NAME, _CALL_ARGUMENTS, _CALL_ID; NULL where there is none with that kind and index.
 */
PANLLAMA_API const char * panllama_chat_reply_text(const struct panllama_chat_reply * reply, int32_t kind, size_t index,
                                                   size_t * length) PANLLAMA_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* PANLLAMA_CHAT_H */

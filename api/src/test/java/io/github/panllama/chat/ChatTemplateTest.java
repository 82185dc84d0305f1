package io.github.panllama.chat;

import static io.github.panllama.chat.ChatMessage.user;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.panllama.LlamaModel;
import io.github.panllama.synthetic.SyntheticVocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {
    private static final String ECHO = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";

    private static LlamaModel model;

    @BeforeAll
    static void load() {
        model = ChatModels.load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String render(String template, ChatMessage... messages) {
        return ChatTemplate.of(model, template).render(List.of(messages)).text();
    }

    @Test
    void theModelsOwnTemplateIsTaken() {
        ChatTemplate template = ChatTemplate.of(model);
        assertThat(template.isOfModel()).isTrue();
        assertThat(template.source()).isEqualTo(model.chatTemplate().orElseThrow());
        assertThat(template.render(List.of(user("Hi"))).text())
                .contains(SyntheticVocabulary.USER)
                .contains("Hi");
    }

    @Test
    void theFirstTokenIsThereOnceThoughTheTemplateWritesItToo() {
        assertThat(model.tokenizer().addsBeginOfText()).isTrue();
        ChatPrompt prompt = ChatTemplate.of(model, "{{ bos_token }}" + ECHO).render(List.of(user("Hi")));
        assertThat(prompt.text()).isEqualTo("[user]Hi");
        int bos = model.tokenizer().beginOfText().orElseThrow();
        assertThat(prompt.tokens()).startsWith(bos).isEqualTo(model.tokenizer().encode("[user]Hi"));
        assertThat(prompt.tokens()[1]).isNotEqualTo(bos);
    }

    @Test
    void chatMlStandsInByItsName() {
        assertThat(render("chatml", user("Hi"))).isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    }

    @Test
    void textsArriveUnchanged() {
        for (String text :
                List.of("", "é😀 日本語", "a\nb  \n", "{{ bos_token }}{% if %}", "nul \0 nul", "\u007f\u0001")) {
            assertThat(render(ECHO, user(text))).isEqualTo("[user]" + text);
        }
        assertThat(render(ECHO, user("lone \ud800!"))).isEqualTo("[user]lone ?!");
    }

    @Test
    void argumentsReachTheTemplate() {
        ChatTemplate template = ChatTemplate.of(model, "{{ effort }} {{ level + 1 }}");
        ChatTemplateOptions options = ChatTemplateOptions.builder()
                .argument("effort", "\"high\"")
                .argument("level", "3")
                .build();
        assertThat(template.render(List.of(user("Hi")), options).text()).isEqualTo("high 4");
        assertThatThrownBy(() -> ChatTemplateOptions.builder().argument("messages", "[]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("messages");
    }

    @Test
    void whatIsWrongWithATemplateIsSaid() {
        assertThatThrownBy(() -> ChatTemplate.of(model, "{% if %}"))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("does not compile")
                .hasMessageNotContaining("std::exception");
        ChatTemplate refusing = ChatTemplate.of(model, "{{ raise_exception('only for Tuesdays') }}");
        assertThatThrownBy(() -> refusing.render(List.of(user("Hi"))))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("only for Tuesdays");
    }

    @Test
    void capabilitiesAreThoseOfTheTemplate() {
        ChatTemplate plain = ChatTemplate.of(model, ECHO);
        assertThat(plain.supportsThinking()).isFalse();
        assertThat(plain.supportsTools()).isFalse();
        assertThat(plain.supportsSystem()).isTrue();
        ChatTemplate userOnly = ChatTemplate.of(
                model, "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}");
        assertThat(userOnly.supportsSystem()).isFalse();
        assertThat(userOnly.render(List.of(ChatMessage.system("Be kind."), user("Hi")))
                        .text())
                .isEqualTo("Be kind.\nHi");
    }

    @Test
    void manyThreadsMayRenderAndParse() throws Exception {
        ChatTemplate template = ChatTemplate.of(model, ChatModels.bundledTemplate());
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String text = "question " + i;
                results.add(threads.submit(() -> {
                    ChatPrompt prompt = template.render(List.of(user(text)));
                    return prompt.text()
                            + prompt.parse("because</think>" + text).content();
                }));
            }
            for (int i = 0; i < 64; i++) {
                assertThat(results.get(i).get())
                        .isEqualTo("<｜User｜>question " + i + "<｜Assistant｜><think>question " + i);
            }
        }
    }

    @Test
    void aTemplateThatHasRenderedBeforeRendersTheSame() throws Exception {
        String reasoningIfAsked = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"
                + "{% if add_generation_prompt %}<a>{% if messages[-1].content == 'think' %}<think>{% endif %}{% endif %}";
        ChatTool tool = new ChatTool("t", "Does it.", "{\"type\": \"object\", \"properties\": {\"x\": {}}}");
        for (String source : List.of(ChatModels.bundledTemplate(), reasoningIfAsked, "chatml", ECHO)) {
            ChatTemplate often = ChatTemplate.of(model, source);
            for (int round = 0; round < 2; round++) {
                for (String text : List.of("Hi", "think", "é\0😀")) {
                    for (ChatTemplateOptions options : List.of(
                            ChatTemplateOptions.defaults(),
                            ChatTemplateOptions.builder().thinking(false).build(),
                            ChatTemplateOptions.builder()
                                    .generationPrompt(false)
                                    .build(),
                            ChatTemplateOptions.builder()
                                    .tools(List.of(tool))
                                    .toolChoice(ToolChoice.REQUIRED)
                                    .build())) {
                        List<ChatMessage> messages = List.of(user("Before"), ChatMessage.assistant("ok"), user(text));
                        assertThat(facts(often.render(messages, options)))
                                .isEqualTo(facts(ChatTemplate.of(model, source).render(messages, options)));
                    }
                }
            }
        }
    }

    private static List<Object> facts(ChatPrompt prompt) {
        return List.of(
                prompt.text(),
                prompt.replyBegin(),
                prompt.reasoningBegin(),
                prompt.reasoningEnds(),
                prompt.stops(),
                prompt.toolGrammar(),
                prompt.format(),
                prompt.parse("a<b"));
    }

    @Test
    void messagesThatATemplateRefusesAreRefusedInTheSameWordsLaterOn() {
        String source = ECHO + "{% if messages[0].content == 'no' %}{{ raise_exception('not that') }}{% endif %}";
        ChatTemplate template = ChatTemplate.of(model, source);
        List<ChatMessage> refused = List.of(user("no"));
        String first = assertThrows(ChatTemplateException.class, () -> template.render(refused))
                .getMessage();
        template.render(List.of(user("yes")));
        assertThatThrownBy(() -> template.render(refused))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage(first)
                .hasMessageContaining("not that");
    }

    @Test
    void whatATestDividesByIsSaidWhereItIsZero() {
        assertThat(render(
                        "{% set n = 3 %}{{ 6 is divisibleby(n) }}{{ [5, 6] | select('divisibleby', 3) | list | length }}",
                        user("Hi")))
                .isEqualTo("True1");
        assertThatThrownBy(() -> render("{{ [6] | select(messages[0].content, 0) | list }}", user("divisibleby")))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("6 is divided by 0 in the test divisibleby");
    }

    @Test
    void aTemplateOutlivesItsModelButForTokens() {
        ChatPrompt prompt;
        ChatTemplate template;
        try (LlamaModel other = ChatModels.load()) {
            template = ChatTemplate.of(other, ECHO);
            prompt = template.render(List.of(user("Hi")));
        }
        assertThat(prompt.text()).isEqualTo("[user]Hi");
        assertThatThrownBy(prompt::tokens).isInstanceOf(IllegalStateException.class);
        assertThat(template.render(List.of(user("Ho"))).text()).isEqualTo("[user]Ho");
    }

    @Test
    void marksAreWrittenOutAndOtherSpecialTokensAreNot() throws Exception {
        ChatPrompt prompt = ChatTemplate.of(model, ChatModels.bundledTemplate()).render(List.of(user("Hi")));
        int think = model.tokenizer().encode(SyntheticVocabulary.END_THINK, false, true)[0];
        assertThat(prompt.markTokens().test(think)).isTrue();
        assertThat(prompt.markTokens().test(model.tokenizer().endOfText().orElseThrow()))
                .isFalse();
        assertThat(prompt.markTokens().test(-1)).isFalse();
    }
}

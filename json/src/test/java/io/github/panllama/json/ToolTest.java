package io.github.panllama.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.chat.ChatTool;
import io.github.panllama.chat.Description;
import io.github.panllama.chat.Range;
import io.github.panllama.chat.StructuredOutputException;
import io.github.panllama.chat.Tool;
import io.github.panllama.chat.ToolMethod;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tools that are declared by a schema, a record, a method. */
class ToolTest {
    /** Some tools. */
    static class Weather {
        private int calls;

        @ToolMethod(description = "The weather of a place")
        public String weather(
                @Description("Such as Bern") String place,
                @Range(min = 1, max = 7) int days,
                Optional<Samples.Colour> colour,
                Samples.@Nullable Tree tree) {
            calls++;
            return "%s %d %s %s".formatted(place, days, colour, tree);
        }

        @ToolMethod(name = "sum", description = "Adds")
        public static int add(List<Integer> numbers) {
            return numbers.stream().mapToInt(Integer::intValue).sum();
        }

        @ToolMethod(description = "Says nothing")
        public void nothing() {
            calls++;
        }

        @ToolMethod(description = "Fails")
        public Samples.Item fails() throws IOException {
            throw new IOException("no such place");
        }

        public String noTool() {
            return "";
        }
    }

    record Sum(int a, int b) {}

    @Test
    void aRecordIsTheArguments() throws Exception {
        Tool tool = Tool.of("add", "Adds two numbers", Sum.class, sum -> sum.a() + sum.b());
        assertThat(tool.declaration())
                .isEqualTo(new ChatTool("add", "Adds two numbers", new JacksonBinding().schema(Sum.class)));
        assertThat(tool.name()).isEqualTo("add");
        assertThat(tool.function().call("{\"a\":2,\"b\":40}")).isEqualTo("42");
        assertThatThrownBy(() -> tool.function().call("{\"a\":2}")).isInstanceOf(StructuredOutputException.class);
        Tool item = Tool.of("item", "", Sum.class, sum -> new Samples.Pair<>(sum, Samples.Colour.RED));
        assertThat(item.function().call("{\"a\":2,\"b\":40}"))
                .isEqualTo("{\"first\":{\"a\":2,\"b\":40},\"second\":\"RED\"}");
    }

    @Test
    void methodsAreToolsInTheOrderOfTheirNames() throws Exception {
        Weather weather = new Weather();
        List<Tool> tools = Tool.methodsOf(weather);
        assertThat(tools).extracting(Tool::name).containsExactly("sum", "fails", "nothing", "weather");
        assertThat(tools.getLast().declaration().parameters())
                .isEqualTo("{'type':'object','properties':{'place':{'description':'Such as Bern','type':'string'},"
                                .concat("'days':{'type':'integer','minimum':1,'maximum':7},")
                                .concat("'colour':{'type':'string','enum':['RED','GREEN','BLUE']},")
                                .concat("'tree':{'$ref':'#/$defs/Tree'}},'required':['place','days'],")
                                .concat("'additionalProperties':false,'$defs':{'Tree':")
                                .replace('\'', '"')
                        + new JacksonBinding().schema(Samples.Tree.class).replaceAll(",\"\\$defs\".*", "}}}"));
        assertThat(tools.getLast().function().call("{\"place\":\"Bern\",\"days\":2}"))
                .isEqualTo("Bern 2 Optional.empty null");
        assertThat(tools.getLast()
                        .function()
                        .call("{\"place\":\"B\",\"days\":2,\"colour\":\"RED\",\"tree\":{\"name\":\"x\"}}"))
                .isEqualTo("B 2 Optional[not the name] Tree[name=x, left=null, right=Optional.empty]");
        assertThat(tools.getFirst().function().call("{\"numbers\":[1,2,3]}")).isEqualTo("6");
        assertThat(tools.get(2).function().call("{}")).isEqualTo("null");
        assertThat(weather.calls).isEqualTo(3);
        assertThatThrownBy(() -> tools.get(1).function().call("{}"))
                .isInstanceOf(IOException.class)
                .hasMessage("no such place");
        for (String wrong :
                List.of("{}", "[]", "", "{\"place\":\"B\",\"days\":2,\"more\":1}", "{\"place\":1,\"days\":2}")) {
            assertThatThrownBy(() -> tools.getLast().function().call(wrong))
                    .isInstanceOf(StructuredOutputException.class);
        }
        assertThat(Tool.methodsOf(Weather.class)).extracting(Tool::name).containsExactly("sum");
    }

    @Test
    void aMethodThatIsNoToolIsRefused() throws Exception {
        Weather weather = new Weather();
        assertThatThrownBy(() -> Tool.of(weather, Weather.class.getMethod("noTool")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("noTool");
        assertThatThrownBy(() -> Tool.of("text", Weather.class.getMethod("nothing")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.String");
        assertThatThrownBy(() -> Tool.of(Weather.class, Weather.class.getMethod("nothing")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tool.methodsOf("text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ToolMethod");
    }

    /** Two of one name. */
    public static class Twice {
        @ToolMethod(name = "same", description = "")
        public void one() {}

        @ToolMethod(name = "same", description = "")
        public void two() {}
    }

    @Test
    void twoToolsOfOneNameAreRefused() {
        assertThatThrownBy(() -> Tool.methodsOf(new Twice()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("same");
    }
}

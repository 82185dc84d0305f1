package io.github.panllama.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.panllama.chat.Description;
import io.github.panllama.chat.JsonBinding;
import io.github.panllama.chat.JsonSchema;
import io.github.panllama.chat.Range;
import io.github.panllama.chat.StructuredOutputException;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;

/** Types, their schemas, and values that are read and written. */
class JsonBindingTest {
    private final JsonBinding binding = JsonBinding.load();

    private void hasSchema(Type type, String schema) {
        assertThat(binding.schema(type)).isEqualTo(schema.replace('\'', '"'));
        JsonSchema.of(type);
    }

    private Object read(String json, Type type) {
        return binding.read(json.replace('\'', '"'), type);
    }

    private void refuses(String json, Type type, String reason) {
        String text = json.replace('\'', '"');
        assertThatThrownBy(() -> binding.read(text, type))
                .isInstanceOf(StructuredOutputException.class)
                .hasMessageContaining(reason)
                .extracting(e -> ((StructuredOutputException) e).json())
                .isEqualTo(text);
    }

    @Test
    void aRecordIsAnObjectWithItsDescriptions() {
        hasSchema(
                Samples.Invoice.class,
                "{'description':'A bill','type':'object','properties':{"
                        + "'customer':{'description':'Who pays','type':'string','minLength':1,'maxLength':8},"
                        + "'date':{'type':'string','format':'date'},"
                        + "'currency':{'anyOf':[{'const':'EUR','description':'Euro'},"
                        + "{'const':'USD','description':'US dollar'},{'const':'CHF'}]},"
                        + "'items':{'type':'array','items':{'type':'object','properties':{"
                        + "'code':{'type':'string','pattern':'^[A-Z]{2}-[0-9]{1,4}$'},"
                        + "'amount':{'type':'integer','minimum':1,'maximum':99},"
                        + "'price':{'type':'number','minimum':0,'maximum':999.99}},"
                        + "'required':['code','amount','price'],'additionalProperties':false},'maxItems':3},"
                        + "'note':{'type':'string','maxLength':5}},"
                        + "'required':['customer','date','currency','items'],'additionalProperties':false}");
        assertThat(read(
                        "{'customer':'A','date':'2024-02-29','currency':'EUR',"
                                + "'items':[{'code':'AB-1','amount':2,'price':3.5}]}",
                        Samples.Invoice.class))
                .isEqualTo(new Samples.Invoice(
                        "A",
                        LocalDate.of(2024, 2, 29),
                        Samples.Currency.EUR,
                        List.of(new Samples.Item("AB-1", 2, new BigDecimal("3.5"))),
                        null));
    }

    @Test
    void aSealedInterfaceIsOneOfItsRecordsAndSaysWhich() {
        hasSchema(
                Samples.Shape.class,
                "{'description':'Something with an area','anyOf':["
                        + "{'description':'Round','type':'object','properties':{'type':{'const':'Circle'},"
                        + "'radius':{'type':'number','minimum':0,'maximum':10}},'required':['type','radius'],"
                        + "'additionalProperties':false},"
                        + "{'type':'object','properties':{'type':{'const':'Box'},"
                        + "'width':{'type':'integer','minimum':-2147483648,'maximum':5},"
                        + "'height':{'type':'integer','minimum':-5,'maximum':2147483647}},"
                        + "'required':['type','width','height'],'additionalProperties':false},"
                        + "{'type':'object','properties':{'type':{'const':'Empty'}},'required':['type'],"
                        + "'additionalProperties':false}]}");
        assertThat(read("{'type':'Box','width':1,'height':2}", Samples.Shape.class))
                .isEqualTo(new Samples.Box(1, 2));
        assertThat(read("{'@type':'First','type':'GREEN'}", Samples.Tagged.class))
                .isEqualTo(new Samples.First(Samples.Colour.GREEN));
        assertThat(read("{'@type':'Third','number':3}", Samples.Tagged.class))
                .isEqualTo(new Samples.Third(OptionalInt.of(3)));
        assertThat(read("{'@type':'Third'}", Samples.Tagged.class)).isEqualTo(new Samples.Third(OptionalInt.empty()));
        Samples.Drawing drawing = new Samples.Drawing(List.of(new Samples.Circle(2), new Samples.Empty()), null);
        assertThat(binding.write(drawing))
                .isEqualTo("{\"shapes\":[{\"type\":\"Circle\",\"radius\":2.0},{\"type\":\"Empty\"}]}");
        assertThat(binding.read(binding.write(drawing), Samples.Drawing.class)).isEqualTo(drawing);
        refuses("{'type':'Triangle'}", Samples.Shape.class, "Triangle");
        refuses("{'width':1,'height':2}", Samples.Shape.class, "type");
    }

    @Test
    void aTypeThatContainsItselfIsReferredTo() {
        hasSchema(
                Samples.Tree.class,
                "{'type':'object','properties':{'name':{'type':'string','maxLength':3},"
                        + "'left':{'$ref':'#/$defs/Tree'},'right':{'$ref':'#/$defs/Tree'}},"
                        + "'required':['name'],'additionalProperties':false,'$defs':{'Tree':"
                        + "{'type':'object','properties':{'name':{'type':'string','maxLength':3},"
                        + "'left':{'$ref':'#/$defs/Tree'},'right':{'$ref':'#/$defs/Tree'}},"
                        + "'required':['name'],'additionalProperties':false}}}");
        assertThat(read("{'name':'a','right':{'name':'b'}}", Samples.Tree.class))
                .isEqualTo(new Samples.Tree("a", null, Optional.of(new Samples.Tree("b", null, Optional.empty()))));
    }

    @Test
    void genericsListsMapsAndEnums() {
        Type pairs = new TypeReference<Map<String, Samples.Pair<Boolean, Set<Samples.Colour>>>>() {}.getType();
        hasSchema(
                pairs,
                "{'type':'object','additionalProperties':{'type':'object','properties':{'first':{'type':'boolean'},"
                        + "'second':{'type':'array','items':{'type':'string','enum':['RED','GREEN','BLUE']}}},"
                        + "'required':['first','second'],'additionalProperties':false}}");
        assertThat(read("{'a':{'first':true,'second':['RED','RED']}}", pairs))
                .isEqualTo(Map.of("a", new Samples.Pair<>(true, Set.of(Samples.Colour.RED))));
        hasSchema(
                new TypeReference<Map<Samples.Colour, Integer[]>>() {}.getType(),
                "{'type':'object','properties':{'RED':A,'GREEN':A,'BLUE':A},'additionalProperties':false}"
                        .replace(
                                "A",
                                "{'type':'array','items':{'type':'integer',"
                                        + "'minimum':-2147483648,'maximum':2147483647}}"));
        hasSchema(
                SchemaTable.Named.class,
                "{'type':'object','properties':{'due_date':{'type':'boolean'}},"
                        + "'required':['due_date'],'additionalProperties':false}");
        assertThat(read("{'due_date':true}", SchemaTable.Named.class)).isEqualTo(new SchemaTable.Named(true));
        assertThat(read("'GREEN'", Samples.Colour.class)).isEqualTo(Samples.Colour.GREEN);
        assertThat(binding.write(Map.of("c", Samples.Colour.GREEN))).isEqualTo("{\"c\":\"GREEN\"}");
    }

    @Test
    void timesAreTexts() {
        assertThat(binding.schema(Samples.Times.class))
                .contains("\"duration\":{\"type\":\"string\",\"format\":\"duration\"}");
        Samples.Times times = (Samples.Times) read(
                "{'instant':'2024-02-29T12:00:00.5+18:00','offset':'2024-02-29T12:00:00-01:00','clock':'12:00:00Z',"
                        + "'local':'2024-02-29T12:00','time':'23:59:59','duration':'P1DT2H','period':'P1Y2M3D',"
                        + "'month':'2024-02','id':'01234567-89ab-cdef-0123-456789abcdef'}",
                Samples.Times.class);
        assertThat(times.local()).isEqualTo(LocalDateTime.of(2024, 2, 29, 12, 0));
        assertThat(times.offset().getOffset().getTotalSeconds()).isEqualTo(-3600);
        assertThat(times.duration()).hasHours(26);
        assertThat(binding.read(binding.write(times), Samples.Times.class)).isEqualTo(times);
    }

    @Test
    void whatIsNotOfTheSchemaIsNotRead() {
        refuses("{'code':'AB-1','amount':2}", Samples.Item.class, "price");
        refuses("{'code':'AB-1','amount':2,'price':null}", Samples.Item.class, "price");
        refuses("{'code':null,'amount':2,'price':1}", Samples.Item.class, "code");
        refuses("{'code':'AB-1','amount':2.5,'price':1}", Samples.Item.class, "amount");
        refuses("{'code':'AB-1','amount':'2','price':1}", Samples.Item.class, "amount");
        refuses("{'code':7,'amount':2,'price':1}", Samples.Item.class, "code");
        refuses("{'code':'AB-1','amount':2,'price':1,'more':1}", Samples.Item.class, "more");
        refuses("{'code':'AB-1','amount':2,'price':1} x", Samples.Item.class, "x");
        refuses("{'code':'AB-1',", Samples.Item.class, "end-of-input");
        refuses("", Samples.Item.class, "");
        refuses("null", Samples.Item.class, "null");
        refuses("'PINK'", Samples.Colour.class, "PINK");
        refuses("1", Samples.Colour.class, "Colour");
        refuses("[".repeat(100_000), Object.class, "depth");
    }

    interface Open {}

    sealed interface Half permits Whole {}

    static final class Whole implements Half {}

    record Growing<T>(@Nullable Growing<List<T>> next) {}

    record Ranged(@Range(max = 3) String text) {}

    @ParameterizedTest
    @ValueSource(
            classes = {byte[].class, char.class, Open.class, Thread.class, Half.class, Growing.class, Ranged.class})
    void otherTypesAreRefusedByName(Class<?> type) {
        assertThatThrownBy(() -> binding.schema(type)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theMessageNamesTheTypeWithin() {
        assertThatThrownBy(() -> binding.schema(new TypeReference<Map<String, List<Thread>>>() {}.getType()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.Thread");
        assertThatThrownBy(() -> binding.schema(new TypeReference<Map<Integer, String>>() {}.getType()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.util.Map");
        Map<String, Object> circle = new HashMap<>();
        circle.put("itself", circle);
        assertThatThrownBy(() -> binding.write(circle))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HashMap");
    }

    @Description("What is said of a type")
    record Described(
            @Description("at the place") Samples.Circle here, Samples.Circle there, Optional<Samples.Circle> maybe) {}

    @Test
    void everyDescriptionIsInTheSchema() {
        assertThat(binding.schema(Described.class))
                .contains(
                        "{\"description\":\"What is said of a type\"",
                        "\"here\":{\"description\":\"at the place\"",
                        "\"there\":{\"description\":\"Round\"",
                        "\"maybe\":{\"description\":\"Round\"");
        assertThat(binding.schema(new TypeReference<List<Samples.Shape>>() {}.getType()))
                .contains("\"items\":{\"description\":\"Something with an area\"");
    }
}

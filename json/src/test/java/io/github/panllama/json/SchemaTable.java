package io.github.panllama.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.panllama.chat.JsonBinding;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Fifty schemas: those of Java types, and those that people write. */
final class SchemaTable {
    /**
     * A schema of the table.
     *
     * @param json how it is written
     * @param type what it is the schema of; {@code null} for one that was written by hand
     */
    record Entry(String json, @Nullable Type type) {}

    private static final List<Type> TYPES = List.of(
            Samples.Invoice.class,
            Samples.Item.class,
            Samples.Currency.class,
            Samples.Colour.class,
            Samples.Shape.class,
            Samples.Drawing.class,
            Samples.Tagged.class,
            Samples.Tree.class,
            Samples.Times.class,
            Samples.Numbers.class,
            Samples.Containers.class,
            new TypeReference<Samples.Pair<Samples.Shape, Samples.Colour>>() {}.getType(),
            Named.class,
            boolean.class,
            Boolean[].class);

    private static final List<String> WRITTEN = List.of(
            // Numbers and their bounds
            "{'type':'integer','minimum':100}",
            "{'type':'integer','maximum':-7}",
            "{'type':'integer','minimum':-120,'maximum':99999}",
            "{'type':'integer','exclusiveMinimum':9,'exclusiveMaximum':11}",
            "{'type':'integer','minimum':0.5,'maximum':1234567890123}",
            "{'type':'number','minimum':0}",
            "{'type':'number','minimum':-1.25,'maximum':1.25}",
            "{'type':'number','exclusiveMinimum':0,'exclusiveMaximum':1}",
            "{'type':'number','minimum':99.5,'maximum':99.75}",
            "{'type':'number','maximum':-273.15}",
            "{'type':['integer','null'],'minimum':7}",
            // Texts, formats and patterns
            "{'type':'string','minLength':2,'maxLength':9}",
            "{'type':'string','maxLength':0}",
            "{'type':'string','format':'date'}",
            "{'type':'string','format':'time'}",
            "{'type':'string','format':'date-time'}",
            "{'type':'string','format':'duration'}",
            "{'type':'string','format':'uuid'}",
            "{'type':'string','pattern':'^\\\\d{3}-[^a-z\\\\s]{1,4}.$'}",
            "{'type':'string','pattern':'^(?:\\\\w{1,5}@){1,2}(com|org|\\\\u00e9+?)$'}",
            "{'pattern':'^[\\\\\\\\\\\"]{2}(x|)$'}",
            "{'enum':['red','amber',5,null,true,{'a':[1,2.5]},'\\\"quoted\\\" \\u00fc']}",
            "{'const':{'deep':['\\ud83d\\ude00',-0.5e3]}}",
            // Arrays
            "{'type':'array','items':{'type':'boolean'},'minItems':2,'maxItems':5}",
            "{'type':'array','items':{'type':'array','items':{'type':'integer','minimum':0,'maximum':9},'maxItems':2},'maxItems':3}",
            "{'type':'array','prefixItems':[{'type':'string','maxLength':3},{'type':'null'},{'enum':[1,2]}],'minItems':3,'items':false}",
            "{'type':'array','maxItems':0}",
            // Objects
            "{'type':'object','properties':{'a':{'type':'boolean'},'b':{'type':'null'},'c':{'enum':['x']}},"
                    + "'additionalProperties':false}",
            "{'type':'object','properties':{'name':{'type':'string','maxLength':4},'names':{'type':'null'}},"
                    + "'required':['names'],'additionalProperties':{'type':'integer','minimum':0,'maximum':5}}",
            "{'type':'object','additionalProperties':{'type':'boolean'}}",
            "{'type':'object','properties':{'\\\"\\\\\\\\ \\u00e9':{'type':'null'},'value':{'type':'null'},'root':{'type':'null'},"
                    + "'char':{'type':'null'}},'required':['root','\\\"\\\\\\\\ \\u00e9']}",
            "{'allOf':[{'$ref':'#/$defs/a'},{'properties':{'y':{'type':'boolean'}}}],"
                    + "'$defs':{'a':{'type':'object','properties':{'x':{'type':'null'}},'required':['x']}}}",
            // Unions and references
            "{'oneOf':[{'type':'null'},{'type':'boolean'},{'type':'object','properties':{'t':{'const':1}},'required':['t']},"
                    + "{'type':'object','properties':{'t':{'const':2},'u':{'type':'boolean'}},'required':['t','u']}]}",
            "{'$ref':'#/$defs/expression','$defs':{'expression':{'anyOf':[{'type':'integer','minimum':0,'maximum':9},"
                    + "{'type':'object','properties':{'op':{'enum':['+','-']},'left':{'$ref':'#/$defs/expression'}},"
                    + "'required':['op','left']}]}}}",
            "{'type':'object','properties':{'next':{'$ref':'#/$defs/list'}},'$defs':{'list':{'type':['object','null'],"
                    + "'properties':{'next':{'$ref':'#/$defs/list'}}}}}");

    private SchemaTable() {}

    /** A record whose property has another name than its component. */
    record Named(@JsonProperty("due_date") boolean due) {}

    static List<Entry> entries() {
        JsonBinding binding = JsonBinding.load();
        List<Entry> entries = new ArrayList<>();
        TYPES.forEach(type -> entries.add(new Entry(binding.schema(type), type)));
        WRITTEN.forEach(json -> entries.add(new Entry(json.replace('\'', '"'), null)));
        return entries;
    }
}

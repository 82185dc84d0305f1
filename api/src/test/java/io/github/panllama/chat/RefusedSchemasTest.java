package io.github.panllama.chat;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which JSON schemas have no grammar, because it could not hold a reply to them, and what is said of them. */
class RefusedSchemasTest {
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'not':{}}",
                "{'type':'number','multipleOf':2}",
                "{'uniqueItems':true}",
                "{'contains':{}}",
                "{'patternProperties':{}}",
                "{'minProperties':1}",
                "{'if':{},'then':{}}",
                "{'$dynamicRef':'#a'}",
                "{'dependentRequired':{}}",
                "false",
                "3",
                "{'type':'colour'}",
                "{'type':3}",
                "{'type':[]}",
                "{'anyOf':[]}",
                "{'enum':[]}",
                "{'enum':3}",
                "{'type':'string','const':3}",
                "{'anyOf':[{}],'type':'null'}",
                "{'anyOf':[{}],'oneOf':[{}]}",
                "{'$ref':'#/a','type':'null'}",
                "{'$ref':'#/$defs/none'}",
                "{'$ref':'other.json'}",
                "{'$ref':'#'}",
                "{'$ref':3}",
                "{'allOf':[{'type':'string'},{'type':'string'}]}",
                "{'allOf':[{'properties':{'a':{}}},{'properties':{'a':{}}}]}",
                "{'properties':3}",
                "{'required':'a'}",
                "{'required':[1],'properties':{}}",
                "{'properties':{},'required':['a']}",
                "{'properties':{'a':false}}",
                "{'minItems':2,'maxItems':1}",
                "{'items':false,'minItems':1}",
                "{'minItems':-1}",
                "{'minItems':1.5}",
                "{'prefixItems':[{}],'minItems':2}",
                "{'prefixItems':[{}],'items':{}}",
                "{'minLength':2,'maxLength':1}",
                "{'minimum':2,'maximum':1}",
                "{'type':'integer','minimum':0.1,'maximum':0.9}",
                "{'minimum':1,'exclusiveMinimum':1}",
                "{'minimum':'1'}",
                "{'exclusiveMinimum':true}",
                "{'type':'integer','minimum':1e17}",
                "{'pattern':3}",
                "{'pattern':'a','maxLength':3}",
                "{'format':'date','minLength':3}",
                "{'format':3}"
            })
    void whatCannotBeHeldToIsRefused(String schema) {
        assertThatThrownBy(() -> JsonSchema.of(json(schema)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("schema");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?=a)",
                "(?<!a)b",
                "(?<n>a)",
                "(a)\\1",
                "\\bword",
                "\\p{L}",
                "a$b",
                "a^",
                "(a",
                "a)",
                "[a",
                "[b-a]",
                "*a",
                "a**",
                "a{2}{3}",
                "a{3,2}",
                "a{1001}",
                "(a{100}){11}",
                "((a{11}){11}){11}",
                "(a*)*",
                "(a|b*)+",
                "(a?){2,}",
                "a{,3}",
                "a{",
                "\\",
                "[\\q]",
                "\\u12",
                "[]",
                "\\ud83d",
                "{2}"
            })
    void patternsThatCannotBeHeldToAreRefused(String pattern) {
        assertThatThrownBy(() -> JsonSchema.of("{\"pattern\":" + JsonLiteral.string(pattern) + "}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pattern");
    }

    @Test
    void theMessageNamesThePlace() {
        assertThatThrownBy(() -> JsonSchema.of(
                        json("{'properties':{'list':{'items':{'anyOf':[{},{'type':'number','multipleOf':2}]}}}}")))
                .hasMessage("The JSON schema cannot be made a grammar: at #/properties/list/items/anyOf/1,"
                        + " the keyword multipleOf cannot be held to");
    }
}

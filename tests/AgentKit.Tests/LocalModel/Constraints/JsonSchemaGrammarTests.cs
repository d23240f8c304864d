using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Constraints;

namespace AgentKit.Tests.LocalModel.Constraints;

/// <summary>Each case: a schema, texts the grammar must accept (and the validator too), texts it must refuse. Texts are separated by " ¦ ".</summary>
public class JsonSchemaGrammarTests
{
    [Theory]
    [InlineData("""{"type": "null"}""", "null", "nul ¦ true ¦ 0")]
    [InlineData("""{"type": "boolean"}""", "true ¦ false", "null ¦ tru ¦ \"true\"")]
    [InlineData("""{"type": "integer"}""", "0 ¦ 7 ¦ -12 ¦ 1234567890", "01 ¦ -0 ¦ 1.0 ¦ 1e3 ¦ -  ¦ \"1\"")]
    [InlineData("""{"type": "number"}""", "0 ¦ -0.5 ¦ 1e9 ¦ 2.50E-7 ¦ 12", "01 ¦ .5 ¦ 1. ¦ 1e ¦ +1 ¦ NaN")]
    [InlineData("""{"type": "string"}""", """ "" ¦ "a b" ¦ "é😀" ¦ "\n\"\\\/\u00e9" ¦ "\uD83D\uDE00" """, """ " ¦ "a ¦ a ¦ "\x" ¦ "\u12" ¦ "\uD83D" ¦ "\uDE00" """)]
    [InlineData("""{"type": ["string", "null"]}""", "null ¦ \"x\"", "1 ¦ true")]
    [InlineData("true", "1 ¦ \"a\" ¦ null ¦ {} ¦ [] ¦ {\"a\": [1, {\"b\": null}]}", "{a: 1} ¦ [1,] ¦ {\"a\": }")]
    [InlineData("{}", "1 ¦ [[[]]]", "x")]
    [InlineData("""{"const": {"a": [1, "x"]}}""", """{"a": [1, "x"]}""", """{"a": [1, "y"]} ¦ {}""")]
    [InlineData("""{"enum": ["red", "green", 3, null]}""", "\"red\" ¦ \"green\" ¦ 3 ¦ null", "\"blue\" ¦ 4 ¦ \"re\"")]
    [InlineData("""{"type": "string", "enum": ["a", 1]}""", "\"a\"", "1")]
    public void Matches_Scalars_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type": "string", "minLength": 2, "maxLength": 3}""", """ "ab" ¦ "abc" ¦ "é\n" ¦ "😀😀" ¦ "\uD83D\uDE00a" """, """ "a" ¦ "abcd" ¦ "" ¦ "😀" """)]
    [InlineData("""{"type": "string", "pattern": "^[a-z]+[0-9]{2}$"}""", """ "ab12" ¦ "x00" """, """ "12" ¦ "ab1" ¦ "ab123" ¦ "AB12" """)]
    [InlineData("""{"type": "string", "pattern": "cat|^dog$"}""", """ "a cat!" ¦ "dog" ¦ "cat" """, """ "hotdog" ¦ "ca" ¦ "" """)]
    [InlineData("""{"type": "string", "pattern": "^\"\\\\n$"}""", """ "\"\\n" """, """ "\"n" ¦ "x" """)]
    [InlineData("""{"type": "string", "pattern": "^a+$", "minLength": 2, "maxLength": 3}""", """ "aa" ¦ "aaa" """, """ "a" ¦ "aaaa" ¦ "ab" """)]
    [InlineData("""{"type": "string", "allOf": [{"pattern": "a"}, {"pattern": "b"}]}""", """ "ab" ¦ "xbya" """, """ "a" ¦ "b" ¦ "" """)]
    [InlineData("""{"type": "string", "pattern": "^(?=.*[0-9])(?=.*[a-z])(?!.*x).{3,5}$"}""", """ "a1b" ¦ "11a" ¦ "abc12" """, """ "abc" ¦ "111" ¦ "a1x" ¦ "a1" ¦ "abc123" """)]
    [InlineData("""{"type": "string", "pattern": "^\\p{Lu}\\w*$"}""", """ "Éa" ¦ "Z" """, """ "éa" ¦ "a" """)]
    [InlineData("""{"type": "string", "format": "date"}""", """ "2024-02-29" ¦ "1999-12-31" """, """ "2023-02-29" ¦ "2024-13-01" ¦ "2024-04-31" ¦ "24-01-01" """)]
    [InlineData("""{"type": "string", "format": "time"}""", """ "12:00:59Z" ¦ "23:59:00.123+02:00" """, """ "24:00:00Z" ¦ "12:00Z" ¦ "12:00:00" """)]
    [InlineData("""{"type": "string", "format": "date-time"}""", """ "2024-02-29T12:00:00Z" """, """ "2024-02-29 12:00:00Z" ¦ "2024-02-29" """)]
    [InlineData("""{"type": "string", "format": "uuid"}""", """ "123e4567-e89b-12d3-a456-426614174000" """, """ "123e4567e89b12d3a456426614174000" ¦ "g23e4567-e89b-12d3-a456-426614174000" """)]
    [InlineData("""{"type": "string", "format": "email"}""", """ "a.b+c@x-y.example" ¦ "me@localhost" """, """ "a@" ¦ "@b" ¦ "a b@c.d" ¦ "a..b@c.d" """)]
    [InlineData("""{"type": "string", "format": "ipv4"}""", """ "127.0.0.1" ¦ "255.255.255.255" """, """ "256.0.0.1" ¦ "1.2.3" ¦ "01.2.3.4" """)]
    [InlineData("""{"type": "string", "format": "ipv6"}""", """ "::1" ¦ "fe80::1:2" ¦ "1:2:3:4:5:6:7:8" ¦ "::ffff:1.2.3.4" """, """ "1:2" ¦ "1::2::3" ¦ "12345::" """)]
    [InlineData("""{"type": "string", "format": "uri"}""", """ "https://example.com/a?b=c#d" ¦ "mailto:a@b.c" ¦ "http://[::1]:80/" """, """ "example.com" ¦ "http://a b" ¦ "://x" ¦ "http://x/%zz" """)]
    [InlineData("""{"type": "string", "not": {"enum": ["a", "ab"]}}""", """ "" ¦ "b" ¦ "abc" ¦ "aa" """, """ "a" ¦ "ab" """)]
    [InlineData("""{"type": "string", "not": {"pattern": "x"}}""", """ "" ¦ "abc" """, """ "x" ¦ "axb" """)]
    public void Matches_Strings_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type": "integer", "minimum": -5, "maximum": 120}""", "-5 ¦ -1 ¦ 0 ¦ 9 ¦ 99 ¦ 120", "-6 ¦ 121 ¦ 1000 ¦ -10 ¦ 1.5")]
    [InlineData("""{"type": "integer", "exclusiveMinimum": 9, "exclusiveMaximum": 12}""", "10 ¦ 11", "9 ¦ 12 ¦ 1 ¦ 100")]
    [InlineData("""{"type": "number", "minimum": 0.5, "maximum": 10.25}""", "0.5 ¦ 0.51 ¦ 1 ¦ 10.25 ¦ 10.2499 ¦ 10.250 ¦ 9.99", "0.49 ¦ 0 ¦ 10.26 ¦ 10.2501 ¦ 11 ¦ -1 ¦ 1e0")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0}""", "0.1 ¦ 0.0001 ¦ 5", "0 ¦ 0.0 ¦ -1 ¦ 0.000")]
    [InlineData("""{"type": "number", "exclusiveMaximum": -1.5}""", "-1.51 ¦ -2 ¦ -10", "-1.5 ¦ -1 ¦ 0 ¦ 3 ¦ -1.50")]
    [InlineData("""{"type": "integer", "minimum": 1.5, "maximum": 3.5}""", "2 ¦ 3", "1 ¦ 4")]
    [InlineData("""{"type": "integer", "multipleOf": 7}""", "0 ¦ 7 ¦ -14 ¦ 700 ¦ 1001", "1 ¦ 8 ¦ 701 ¦ -15")]
    [InlineData("""{"type": "number", "multipleOf": 0.01}""", "0 ¦ 1.25 ¦ -0.5 ¦ 3.10 ¦ 7", "1.255 ¦ 0.001")]
    [InlineData("""{"type": "number", "multipleOf": 2.5, "minimum": 5}""", "5 ¦ 7.5 ¦ 10.0", "2.5 ¦ 6 ¦ 7.6")]
    [InlineData("""{"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 1, "maximum": 40}""", "12 ¦ 24 ¦ 36", "4 ¦ 6 ¦ 0 ¦ 48")]
    [InlineData("""{"type": "integer", "not": {"const": 3}, "minimum": 2, "maximum": 4}""", "2 ¦ 4", "3")]
    [InlineData("""{"type": "integer", "minimum": 12345678901234567890}""", "12345678901234567890 ¦ 12345678901234567891", "1 ¦ 12345678901234567889")]
    [InlineData("""{"minimum": 3, "exclusiveMinimum": true, "type": "integer"}""", "4 ¦ 10", "3 ¦ 2")]
    [InlineData("""{"type": "number", "not": {"type": "integer"}}""", "0.5 ¦ -3.25", "1 ¦ 2.0 ¦ 0")]
    public void Matches_Numbers_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type": "array", "items": {"type": "integer"}}""", "[] ¦ [1] ¦ [1, 2, 3]", "[1,2] ¦ [1, ] ¦ [\"a\"] ¦ [1, 2")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2}""", "[1] ¦ [1, 2]", "[] ¦ [1, 2, 3]")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}""", "[] ¦ [\"a\"] ¦ [\"a\", 1]", "[1] ¦ [\"a\", 1, 2] ¦ [\"a\", \"b\"]")]
    [InlineData("""{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "null"}, "minItems": 2}""", "[\"a\", null] ¦ [\"a\", null, null]", "[\"a\"] ¦ [null, null]")]
    [InlineData("""{"items": [{"type": "string"}], "additionalItems": {"type": "null"}, "type": "array"}""", "[\"a\", null] ¦ []", "[null]")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "contains": {"const": 5}, "maxItems": 3}""", "[5] ¦ [1, 5] ¦ [1, 2, 5] ¦ [5, 5]", "[] ¦ [1] ¦ [1, 2, 3] ¦ [1, 2, 3, 5]")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 5}, "minContains": 2}""", "[5, 6] ¦ [1, 7, 2, 8]", "[5] ¦ [1, 2] ¦ [5, 1]")]
    [InlineData("""{"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": true, "minItems": 2}""", "[\"a\", \"b\"] ¦ [\"c\", \"a\", \"b\"]", "[\"a\", \"a\"] ¦ [\"a\"] ¦ [\"a\", \"b\", \"c\", \"a\"]")]
    public void Matches_Arrays_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"type": "object"}""", "{} ¦ {\"a\": 1, \"b\": {\"c\": []}}", "{\"a\" : 1} ¦ {\"a\"}")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}""", "{\"a\": 1} ¦ {\"a\": 1, \"b\": \"x\"}", "{} ¦ {\"b\": \"x\"} ¦ {\"b\": \"x\", \"a\": 1} ¦ {\"a\": 1, \"c\": 2} ¦ {\"a\": \"x\"}")]
    [InlineData("""{"properties": {"a": true, "b": {"const": 1}, "c": {"const": 2}}}""", "{} ¦ {\"b\": 1} ¦ {\"c\": 2} ¦ {\"b\": 1, \"c\": 2}", "{\"c\": 2, \"b\": 1} ¦ {\"b\": 1, \"b\": 1} ¦ 5")]
    [InlineData("""{"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}}""", "{\"a\": 1} ¦ {\"a\": 1, \"x\": true} ¦ {\"ab\": false} ¦ {\"x\": true, \"y\": true}", "{\"a\": true} ¦ {\"x\": 1} ¦ {\"x\": true, \"a\": true}")]
    [InlineData("""{"type": "object", "properties": {"a": true}, "additionalProperties": false}""", "{} ¦ {\"a\": 3}", "{\"b\": 3}")]
    [InlineData("""{"type": "object", "properties": {}}""", "{}", "{\"a\": 1}")]
    [InlineData("""{"type": "object", "required": ["z"], "additionalProperties": {"type": "null"}}""", "{\"z\": null} ¦ {\"z\": null, \"q\": null}", "{} ¦ {\"z\": 1} ¦ {\"q\": null}")]
    [InlineData("""{"type": "object", "patternProperties": {"^i_": {"type": "integer"}, "_s$": {"minimum": 10}}}""", "{\"i_a\": 1} ¦ {\"i_s\": 10}", "{\"i_a\": \"x\"} ¦ {\"i_s\": 9} ¦ {\"other\": 1}")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"pattern": "^[a-c]+$"}}""", "{\"ab\": 1} ¦ {}", "{\"d\": 1} ¦ {\"\": 1}")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1, "maxProperties": 2}""", "{\"a\": 1} ¦ {\"a\": 1, \"b\": 2}", "{} ¦ {\"a\": 1, \"b\": 2, \"c\": 3}")]
    [InlineData("""{"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "minProperties": 2}""", "{\"a\": 1, \"c\": 3} ¦ {\"b\": 2, \"c\": 3} ¦ {\"a\": 1, \"b\": 2, \"c\": 3}", "{\"a\": 1} ¦ {} ¦ {\"c\": 3}")]
    [InlineData("""{"properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["b"], "minProperties": 2}""", "{\"a\": 1, \"b\": 2}", "{\"b\": 2}")]
    [InlineData("""{"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "dependentRequired": {"a": ["c"]}}""", "{} ¦ {\"b\": 2} ¦ {\"a\": 1, \"c\": 3} ¦ {\"c\": 3}", "{\"a\": 1} ¦ {\"a\": 1, \"b\": 2}")]
    [InlineData("""{"properties": {"a": {"const": 1}, "b": {"const": 2}}, "dependentRequired": {"b": ["a"]}}""", "{} ¦ {\"a\": 1} ¦ {\"a\": 1, \"b\": 2}", "{\"b\": 2}")]
    [InlineData("""{"properties": {"a": {"const": 1}, "b": {"enum": [2, 3]}}, "dependentSchemas": {"a": {"properties": {"b": {"const": 3}}}}}""", "{\"a\": 1, \"b\": 3} ¦ {\"b\": 2} ¦ {\"a\": 1}", "{\"a\": 1, \"b\": 2}")]
    public void Matches_Objects_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Theory]
    [InlineData("""{"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 1}]}""", "5 ¦ \"a\"", "\"ab\" ¦ null")]
    [InlineData("""{"type": "integer", "oneOf": [{"minimum": 5}, {"maximum": 7}]}""", "4 ¦ 8", "5 ¦ 6 ¦ 7")]
    [InlineData("""{"oneOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"const": 2}}, "required": ["b"]}]}""", "{\"a\": 1} ¦ {\"b\": 2}", "{} ¦ {\"a\": 1, \"b\": 2}")]
    [InlineData("""{"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}""", "{\"a\": 1} ¦ {\"b\": 2}", "{} ¦ {\"a\": 1, \"b\": 2}")]
    [InlineData("""{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"const": "x"}}}]}""", "{\"a\": 1} ¦ {\"a\": 1, \"b\": \"x\"}", "{} ¦ {\"b\": \"x\"}")]
    [InlineData("""{"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}, {"not": {"const": 3}}]}""", "2", "1 ¦ 3 ¦ 4")]
    [InlineData("""{"properties": {"k": {"enum": ["a", "b"]}, "v": {}}, "required": ["k", "v"], "if": {"properties": {"k": {"const": "a"}}}, "then": {"properties": {"v": {"type": "integer"}}}, "else": {"properties": {"v": {"type": "null"}}}}""", "{\"k\": \"a\", \"v\": 1} ¦ {\"k\": \"b\", \"v\": null}", "{\"k\": \"a\", \"v\": null} ¦ {\"k\": \"b\", \"v\": 1}")]
    [InlineData("""{"type": ["integer", "string"], "not": {"type": "string"}}""", "1", "\"a\"")]
    [InlineData("""{"$defs": {"n": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/n"}}, "required": ["v"]}}, "$ref": "#/$defs/n"}""", "{\"v\": 1} ¦ {\"v\": 1, \"next\": {\"v\": 2, \"next\": {\"v\": 3}}}", "{\"v\": 1, \"next\": {}} ¦ {\"next\": {\"v\": 1}}")]
    [InlineData("""{"type": "array", "items": {"$ref": "#"}}""", "[] ¦ [[], [[]]]", "[1] ¦ {}")]
    [InlineData("""{"$defs": {"a": {"$anchor": "here", "type": "integer"}}, "items": {"$ref": "#here"}, "type": "array"}""", "[1]", "[\"x\"]")]
    [InlineData("""{"definitions": {"a/b": {"const": 1}}, "$ref": "#/definitions/a~1b"}""", "1", "2")]
    [InlineData("""{"$defs": {"t": {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"kind": {"const": "leaf"}}, "required": ["kind"]}, {"type": "object", "properties": {"kind": {"const": "node"}, "child": {"$ref": "#/$defs/t"}}, "required": ["kind", "child"]}]}}, "$ref": "#/$defs/t"}""", "null ¦ {\"kind\": \"leaf\"} ¦ {\"kind\": \"node\", \"child\": {\"kind\": \"node\", \"child\": null}}", "{\"kind\": \"node\"} ¦ {\"kind\": \"leaf\", \"child\": null}")]
    public void Matches_Combinations_AsTheSchemaSays(string schema, string accepted, string refused) => Check(schema, accepted, refused);

    [Fact]
    public void Matches_AnyOrder_AcceptsEveryOrderOnce()
    {
        const string schema = """{"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "required": ["a", "c"], "dependentRequired": {"b": ["a"]}}""";
        Check(
            schema,
            """{"a": 1, "c": 3} ¦ {"c": 3, "a": 1} ¦ {"b": 2, "c": 3, "a": 1} ¦ {"c": 3, "b": 2, "a": 1}""",
            """{"a": 1} ¦ {"b": 2, "c": 3} ¦ {"a": 1, "c": 3, "a": 1} ¦ {"a": 1, "c": 3, }""",
            new JsonSchemaOptions { AnyPropertyOrder = true });
    }

    [Fact]
    public void Matches_FlexibleWhitespace_AcceptsBothWaysAndStaysBounded() => Check(
        """{"properties": {"a": {"type": "array", "items": {"type": "integer"}}}}""",
        "{\"a\":[1,2]} ¦ {\"a\": [1, 2]} ¦ {\n  \"a\": [\n    1,\n    2\n  ]\n}",
        "{  \"a\": []} ¦ {\"a\":\n\n[]}",
        new JsonSchemaOptions { Whitespace = JsonWhitespace.Flexible });

    [Fact]
    public void Matches_OpenObjects_AllowsUndeclaredMembers() => Check(
        """{"properties": {"a": {"type": "integer"}}}""",
        "{\"a\": 1, \"z\": [null]} ¦ {\"z\": 1}",
        "{\"a\": \"x\"} ¦ {\"z\": 1, \"a\": \"x\"}",
        new JsonSchemaOptions { OpenObjects = true });

    [Theory]
    [InlineData("""{"type": "integr"}""", "#/type")]
    [InlineData("""{"properties": {"a": {"minimum": "x"}}}""", "#/properties/a/minimum")]
    [InlineData("""{"$ref": "#/nowhere"}""", "#/$ref")]
    [InlineData("""{"pattern": "("}""", "#/pattern")]
    [InlineData("""{"properties": {"a/b": 5}}""", "#/properties/a~1b")]
    [InlineData("""{"minLength": -1}""", "#/minLength")]
    [InlineData("""{"required": "a"}""", "#/required")]
    [InlineData("""{"multipleOf": 0}""", "#/multipleOf")]
    [InlineData("3", "#")]
    public void Create_MalformedSchema_NamesTheKeyword(string schema, string field) =>
        Assert.Equal(field, Assert.Throws<UserInputException>(() => Create(schema)).Field);

    [Theory]
    [InlineData("""{"frobnicate": 1}""", "frobnicate")]
    [InlineData("""{"unevaluatedProperties": false}""", "unevaluatedProperties")]
    [InlineData("""{"pattern": "\\bword\\b"}""", "pattern")]
    [InlineData("""{"format": "iri"}""", "format")]
    [InlineData("""{"$ref": "https://example.com/other.json"}""", "$ref")]
    [InlineData("""{"type": "array", "contains": true, "maxContains": 2}""", "maxContains")]
    [InlineData("""{"type": "integer", "multipleOf": 123456789}""", "multipleOf")]
    public void Create_WhatIsNotEnforced_IsListed(string schema, string keyword) =>
        Assert.Contains(Create(schema).Warnings, w => w.Keyword == keyword);

    [Theory]
    [InlineData("false")]
    [InlineData("""{"type": "integer", "minimum": 5, "maximum": 4}""")]
    [InlineData("""{"type": "string", "enum": [1]}""")]
    [InlineData("""{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}}""")]
    [InlineData("""{"allOf": [{"type": "string"}, {"type": "null"}]}""")]
    public void Compile_NoValueFits_IsRefused(string schema) => Assert.Throws<UserInputException>(() => Create(schema).Compile());

    [Fact]
    public void Create_UnknownKeywordFree_HasNoWarnings() =>
        Assert.Empty(Create("""{"$schema": "x", "title": "t", "type": "object", "properties": {"a": {"type": "string", "description": "d", "default": "e"}}}""").Warnings);

    private static JsonSchemaGrammar Create(string schema, JsonSchemaOptions? options = null)
    {
        using var document = JsonDocument.Parse(schema);
        return JsonSchemaGrammar.Create(document.RootElement, options);
    }

    private static void Check(string schema, string accepted, string refused, JsonSchemaOptions? options = null)
    {
        var built = Create(schema, options);
        var grammar = built.Compile();
        foreach (var text in Split(accepted))
        {
            Assert.True(grammar.Matches(text), $"refused {text}");
            using var value = JsonDocument.Parse(text);
            Assert.Empty(built.Validator.Validate(value.RootElement));
        }

        foreach (var text in Split(refused))
            Assert.False(grammar.Matches(text), $"accepted {text}");
    }

    private static string[] Split(string texts) => [.. texts.Split('¦').Select(t => t.Trim(' '))];
}

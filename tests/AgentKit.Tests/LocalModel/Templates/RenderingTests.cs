using System.Text.Json.Nodes;
using AgentKit.Models.Templates;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.LocalModel.Templates;

public class RenderingTests
{
    private static readonly JsonObject Variables = JsonNode.Parse("""
        {
          "s": "Hello Wörld", "e": "", "n": 7, "neg": -3, "f": 2.5, "b": true, "none": null, "list": [3, 1, 2], "words": ["b", "A", "c"],
          "d": {"x": 1, "y": "two", "z": [1, 2.0, null, true]},
          "items": [{"name": "a", "v": 2, "tags": ["p"]}, {"name": "b", "v": 1, "tags": []}, {"name": "c", "v": 3}],
          "nested": {"items": "shadow", "k": {"q": "it's"}}, "emoji": "a😀b", "big": 12345678901234567890, "ws": "  \t x y \n"
        }
        """)!.AsObject();

    [Theory]
    [MemberData(nameof(OperatorCases.All), MemberType = typeof(OperatorCases))]
    [MemberData(nameof(FilterCases.All), MemberType = typeof(FilterCases))]
    [MemberData(nameof(StatementCases.All), MemberType = typeof(StatementCases))]
    public void Render_EveryConstruct_EqualsJinja2(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ undefinedvar.x }}")]
    [InlineData("{{ undefinedvar + 1 }}")]
    [InlineData("{{ s + 1 }}")]
    [InlineData("{{ 'a' + list }}")]
    [InlineData("{{ none.x.y }}")]
    [InlineData("{{ nofunc() }}")]
    [InlineData("{{ 1|nofilter }}")]
    [InlineData("{{ 1 is notest }}")]
    [InlineData("{{ raise_exception('boom') }}")]
    [InlineData("{{ list.foo() }}")]
    [InlineData("{{ d|tojson(1,2 }}")]
    [InlineData("{% if x %}")]
    [InlineData("{% endif %}")]
    [InlineData("{{ 1 + }}")]
    [InlineData("{{ 'abc }}")]
    [InlineData("{# x")]
    [InlineData("{% for x %}{% endfor %}")]
    [InlineData("{% set 1 = 2 %}")]
    [InlineData("{{ 1 // 0 }}")]
    [InlineData("{{ [1] < 'a' }}")]
    [InlineData("{{ 1 in 5 }}")]
    [InlineData("{% for x in 5 %}{% endfor %}")]
    [InlineData("{% include 'x' %}")]
    [InlineData("{{ s.index('zz') }}")]
    [InlineData("{{ undefinedvar < 1 }}")]
    [InlineData("{{ undefinedvar[0] }}")]
    [InlineData("{% set n.x = 1 %}")]
    [InlineData("{% unknown %}")]
    [InlineData("{{ ) }}")]
    [InlineData("{{ undefinedvar|tojson }}")]
    public void Render_WhatJinja2Refuses_Throws(string template)
    {
        var error = Assert.Throws<TemplateException>(() => Render(template));
        Assert.Equal(1, error.Line);
    }

    [Theory]
    [InlineData("a\nb\n{{ nothing.x }}", 3)]
    [InlineData("{% if true %}\n\n{{ raise_exception('no') }}{% endif %}", 3)]
    [InlineData("{# a\nb #}\n{% macro m() %}\n{{ 1 // 0 }}{% endmacro %}\n\n{{ m() }}", 4)]
    [InlineData("x\n{% if a %}\n", 2)]
    [InlineData("x\n{{ 'abc' }}\n{{ 1 ! 2 }}", 3)]
    public void Render_Failure_NamesTheLine(string template, int line)
    {
        var error = Assert.Throws<TemplateException>(() => Render(template));
        Assert.Equal(line, error.Line);
        Assert.StartsWith($"Chat template, line {line}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_RaiseException_GivesItsMessage()
    {
        var error = Assert.Throws<TemplateException>(() => Render("{{ raise_exception('Roles must ' ~ 'alternate') }}"));
        Assert.Equal("Roles must alternate", error.Reason);
    }

    [Fact]
    public void Render_GenerationBlock_PrintsItsBody() => Assert.Equal("a7b", Render("a{% generation %}{{ n }}{% endgeneration %}b"));

    [Theory]
    [InlineData("{{ none | selectattr('x') | list }}{{ none | map('upper') | list }}{{ 0 | reject | list }}", "[][][]")]
    public void Render_FalseValueMappedOrSelected_GivesNothing(string template, string expected) =>
        Assert.Equal(expected, Render(template));

    [Fact]
    public void Render_ListAppend_IsAllowed() => Assert.Equal("[1, 2]", Render("{% set l = [1] %}{% set _ = l.append(2) %}{{ l }}"));

    [Fact]
    public void Render_FromJson_ReadsJson() => Assert.Equal("2.5", Render("{{ ('{\"a\": [1, 2.5]}' | from_json).a[1] }}"));

    [Fact]
    public void Render_WithoutTools_ToolsIsNoneThenUndefined()
    {
        Assert.Equal("True True", Render("{{ tools is defined }} {{ tools is none }}"));
        Assert.Equal("ok", Render("{% for t in tools %}{% endfor %}ok"));
    }

    private static string Render(string template) =>
        ChatTemplate.Parse(template).Render(
            new TemplateInput { Messages = [], Variables = Variables.ToDictionary(item => item.Key, item => (object?)item.Value) },
            new FixedTime(new DateTimeOffset(2026, 1, 5, 3, 4, 56, TimeSpan.Zero))).Text;
}

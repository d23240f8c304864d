using AgentKit.Models.Templates;

namespace AgentKit.Tests.LocalModel.Templates;

public class TemplateLimitTests
{
    private static readonly TemplateLimits Small = new() { Steps = 20_000, OutputLength = 100_000 };

    [Theory]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}")]
    [InlineData("{% for i in range(1000) %}{% for j in range(1000) %}x{% endfor %}{% endfor %}")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")]
    [InlineData("{{ 'a' * 1000000000 }}")]
    [InlineData("{{ ([0] * 1000000000) | length }}")]
    [InlineData("{{ 9 ** 99999 }}")]
    [InlineData("{{ 'a'.ljust(1000000000) }}")]
    [InlineData("{{ 'a' | center(1000000000) }}")]
    [InlineData("{{ 'a' | indent(1000000000, true) }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | tojson }}")]
    [InlineData("{% set l = [1] %}{% set _ = l.append(l) %}{{ l }}")]
    [InlineData("{% set l = [1] %}{% set _ = l.append(l) %}{% set m = [1] %}{% set _ = m.append(m) %}{{ l == m }}")]
    public void Render_TemplateThatSpendsTooMuch_Throws(string template)
    {
        var parsed = ChatTemplate.Parse(template, Small);
        Assert.Throws<TemplateException>(() => parsed.Render(new TemplateInput { Messages = [] }));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("- ", "")]
    [InlineData("a[", "]")]
    [InlineData("a if a else ", "")]
    public void Parse_DeepNesting_Throws(string open, string close)
    {
        var source = "{{ " + string.Concat(Enumerable.Repeat(open, 20_000)) + "a" + string.Concat(Enumerable.Repeat(close, 20_000)) + " }}";
        Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source));
    }

    [Fact]
    public void Render_LongChainOfOperators_Throws()
    {
        var parsed = ChatTemplate.Parse("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 50_000)) + " }}");
        Assert.Throws<TemplateException>(() => parsed.Render(new TemplateInput { Messages = [] }));
    }

    [Fact]
    public void Parse_SourceTooLong_Throws() =>
        Assert.Throws<TemplateException>(() => ChatTemplate.Parse(new string('x', 11), new TemplateLimits { SourceLength = 10 }));

    [Fact]
    public void Limits_OutOfRange_Throw() => Assert.Throws<ArgumentOutOfRangeException>(() => new TemplateLimits { Depth = 0 });
}

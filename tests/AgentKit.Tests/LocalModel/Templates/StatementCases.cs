namespace AgentKit.Tests.LocalModel.Templates;

/// <summary>
/// Templates and what jinja2 3.1.6 renders from them, with the settings of transformers and the variables of <see
/// cref="RenderingTests"/>.
/// </summary>
public static class StatementCases
{
    public static TheoryData<string, string> All => new()
    {
        {
            "{% for x in list %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.firs"
                + "t }}/{{ loop.last }}/{{ loop.length }}/{{ loop.previtem }}/{{ loop.nextitem }}/{{ loop.cycle(\"a\",\"b\") }"
                + "}/{{ loop.depth }};{% endfor %}",
            "1/0/3/2/True/False/3//1/a/1;2/1/2/1/False/False/3/3/2/b/1;3/2/1/0/False/True/3/1//a/1;"
        },
        {
            "{% for x in list if x > 1 %}{{ x }}:{{ loop.length }} {% else %}empty{% endfor %}{% for x in [] %}{% else %"
                + "}empty{% endfor %}",
            "3:2 2:2 empty"
        },
        {
            "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in \"abc"
                + "\" %}{{ c }}.{% endfor %}{% for x in undefinedvar %}x{% endfor %}",
            "x=1;y=two;z=[1, 2.0, None, True];xyza.b.c."
        },
        {
            "{% for x in [1,2,3,4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }"
                + "}{% endfor %}",
            "13"
        },
        {
            "{% for x in [1,1,2] %}{{ loop.changed(x) }}{% endfor %}{% for a in [[1,[2]],[3]] recursive %}{% if a is ite"
                + "rable %}({{ loop(a) }}){% else %}{{ a }}@{{ loop.depth }}{% endif %}{% endfor %}",
            "TrueFalseTrue(1@2(2@3))(3@2)"
        },
        { "{% set x = 1 %}{% for i in [1,2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "231" },
        { "{% set ns = namespace(c=0) %}{% for i in list %}{% set ns.c = ns.c + i %}{% endfor %}{{ ns.c }}", "6" },
        {
            "{% if false %}a{% elif n == 7 %}b{% else %}c{% endif %}{% if undefinedvar %}x{% else %}y{% endif %}{% if li"
                + "st and not e %}ok{% endif %}",
            "byok"
        },
        {
            "{% set y %}block {{ n }}{% endset %}{{ y }}|{{ y|length }}{% set z | upper | trim %}  abc {% endset %}{{ z "
                + "}}{% set a, b2 = 1, \"q\" %}{{ a }}{{ b2 }}",
            "block 7|7ABC1q"
        },
        {
            "{% macro m(a, b=2, c=\"x\") %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, c=\"z\") }}{{ m(b=5, a"
                + "=4) }}{{ m() }}{% macro v() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1,2,k=3) }}",
            "[12x][12z][45x][2x](1, 2){'k': 3}"
        },
        {
            "{% macro outer() %}<{{ caller() }}>{% endmacro %}{% call outer() %}in {{ n }}{% endcall %}{% macro each(l) "
                + "%}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) each([1,2]) %}({{ i }}){% endcall %}",
            "<in 7>(1)(2)"
        },
        {
            "{% filter upper %}abc {{ s }}{% endfilter %}{% filter replace(\"a\",\"b\")|trim %} banana {% endfilter %}",
            "ABC HELLO WÖRLDbbnbnb"
        },
        { "{% with q = 5, r = n %}{{ q }}{{ r }}{% endwith %}{{ q }}", "57" },
        {
            "{# comment #}a{#- c -#} b {# x\ny #}{% raw %}{{ raw }} {% x %}{% endraw %}{{ \"{{\" }}{{ '}}' }}",
            "ab {{ raw }} {% x %}{{}}"
        },
        {
            "{{ (items|selectattr(\"v\",\"gt\",5)) is defined }}{% if items|selectattr(\"v\",\"gt\",5) %}truthy{% endif "
                + "%}{% if items|selectattr(\"v\",\"gt\",5)|list %}truthy{% else %}falsy{% endif %}",
            "Truetruthyfalsy"
        },
        { "{% set g = items|map(attribute=\"v\") %}{{ g|list }}{{ g|list }}", "[2, 1, 3][]" },
        { "a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  b\nc" },
        { "a {%- if true -%} b {%- endif -%} c", "abc" },
        { "a {%+ if true +%}\n b\n{% endif %}\n", "a \n b\n" },
        { "x\n\n{#- c -#}\n\ny", "xy" },
        { "{% if true %}\nx\n{%- endif %}\n\n", "x" },
        { "\n{% for i in [1,2] %}\n{{ i }}\n{% endfor %}\n", "\n1\n2\n" },
        { "{%- raw -%}\n {{x}} \n{%- endraw %} z", "{{x}} z" },
        { "a\r\nb{% if true %}\r\nc{% endif %}", "a\nbc" },
        { "   {# c #}\n  x", "  x" },
        { "\t{% set a = 1 %}  \n{{ a }}", "  \n1" },
    };
}

using AgentKit.Models.Chat;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

/// <summary>Ways of writing calls that published templates have or may have: other marks, other names of fields, other white space.</summary>
public class VariantTemplateTests
{
    /// <summary>A template by what it writes around all calls, between two, and for one call <c>c</c> (its function is <c>f</c>).</summary>
    public static TheoryData<string, string, string, string> Syntaxes => new()
    {
        { "", "", "", """<tool_call>{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}</tool_call>""" },
        { "", "", "\n", """<|call|>{"function": "{{ f.name }}", "parameters": {{ f.arguments | tojson }}}<|endcall|>""" },
        { "[TOOL_CALLS] [", "]", ", ", """{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}, "id": "{{ c.id }}"}""" },
        { "<|tool_call|>[", "]<|/tool_call|>", ", ", """{"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}""" },
        { "<tools>[", "]</tools>", ",", """{"type": "function", "function": {"name": "{{ f.name }}", "arguments": {{ f.arguments | tojson }}}}""" },
        { "Action: ```json\n[\n", "\n]```", ",\n", """  {"tool_name": "{{ f.name }}", "parameters": {{ f.arguments | tojson }}}""" },
        { "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "", "<｜tool▁call▁begin｜>{{ f.name }}<｜tool▁sep｜>{{ f.arguments | tojson }}<｜tool▁call▁end｜>" },
        { "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "\n", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>{{ f.name }}\n```json\n{{ f.arguments | tojson }}\n```<｜tool▁call▁end｜>" },
        { "", "", "", "<function={{ f.name }}>{{ f.arguments | tojson }}</function>" },
        { "", "", "\n", "<tool><name>{{ f.name }}</name><args>{{ f.arguments | tojson }}</args></tool>" },
        { "<tool_calls>\n", "\n</tool_calls>", "\n", "<call name='{{ f.name }}'>\n{{ f.arguments | tojson(indent=2) }}\n</call>" },
        { "", "", "\n", "<tool_call>\n<function={{ f.name }}>{% for k, v in f.arguments | items %}\n<parameter={{ k }}>\n{{ v if v is string else v | tojson }}\n</parameter>{% endfor %}\n</function>\n</tool_call>" },
        { "<calls>", "</calls>", "", "<invoke name='{{ f.name }}'>{% for k, v in f.arguments | items %}<param name='{{ k }}'>{{ v if v is string else v | tojson }}</param>{% endfor %}</invoke>" },
        { "", "", "", "<tool_call>{{ f.name }}\n{% for k, v in f.arguments | items %}<arg_key>{{ k }}</arg_key>\n<arg_value>{{ v if v is string else v | tojson }}</arg_value>\n{% endfor %}</tool_call>" },
        { "", "", "", "[TOOL_CALLS]{{ f.name }}[ARGS]{{ f.arguments | tojson }}" },
        { "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", "", "<|tool_call_begin|>functions.{{ f.name }}:{{ loop.index0 }}<|tool_call_argument_begin|>{{ f.arguments | tojson }}<|tool_call_end|>" },
    };

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Parse_WhatTheTemplateWrites_GivesTheSameCalls(string start, string end, string separator, string call)
    {
        Conversation conversation = new(ChatFormat.For(ChatTemplate.Parse(Template(start, end, separator, call))));
        AIContent[][] messages =
        [
            [Conversation.Weather()], [Conversation.Ping()], [Conversation.Weather(), Conversation.Sum(), Conversation.Ping()],
            [new TextReasoningContent("The weather tool fits."), Conversation.Weather()], [new TextContent("It is fine.")],
        ];
        foreach (AIContent[] contents in messages)
        {
            (string prompt, string output) = conversation.Render(contents);
            foreach (int chunk in (int[])[int.MaxValue, 1])
            {
                (List<AIContent> parsed, ChatOutputParser parser) = conversation.Parse(prompt, output, chunk);
                Assert.True(Conversation.Describe(contents) == Conversation.Describe(parsed),
                    $"{output}\n=> {Conversation.Describe(parsed)}\n{parser.Diagnostics.FirstOrDefault()?.Reason}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public void Parse_CutOffCall_IsTextWithADiagnostic(string start, string end, string separator, string call)
    {
        Conversation conversation = new(ChatFormat.For(ChatTemplate.Parse(Template(start, end, separator, call))));
        (string prompt, string output) = conversation.Render(Conversation.Weather());
        (List<AIContent> parsed, ChatOutputParser parser) = conversation.Parse(prompt, output[..(output.IndexOf("celsius", StringComparison.Ordinal) + 3)]);
        Assert.DoesNotContain(parsed, content => content is FunctionCallContent);
        Assert.NotEmpty(parser.Diagnostics);
        Assert.EndsWith("cel", string.Concat(parsed.OfType<TextContent>().Select(content => content.Text)), StringComparison.Ordinal);
    }

    internal static string Template(string start, string end, string separator, string call) => $$$"""
        {%- if tools %}{{ '<|system|>' + tools | tojson + '<|end|>' }}{% endif %}
        {%- for m in messages %}
        {{- '<|' + m.role + '|>' }}
        {%- if m.reasoning_content %}{{ '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}{% endif %}
        {{- m.content or '' }}
        {%- if m.tool_calls %}{{ {{{Quote(start)}}} }}
        {%- for c in m.tool_calls %}{% set f = c.function %}
        {%- if not loop.first %}{{ {{{Quote(separator)}}} }}{% endif %}{{ '' -}}
        {{{call}}}
        {%- endfor %}{{ {{{Quote(end)}}} }}{% endif %}
        {{- '<|end|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
        """;

    private static string Quote(string text) => "'" + text.Replace("\n", "\\n", StringComparison.Ordinal) + "'";
}

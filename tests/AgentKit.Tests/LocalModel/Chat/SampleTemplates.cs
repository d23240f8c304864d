namespace AgentKit.Tests.LocalModel.Chat;

/// <summary>Small chat templates, one for every way to write calls.</summary>
internal static class SampleTemplates
{
    /// <summary>JSON between marks, reasoning between marks.</summary>
    public const string Json = """
        {%- if tools %}{{ '<|system|>' + tools | tojson + '<|end|>' }}{% endif %}
        {%- for m in messages %}
        {{- '<|' + m.role + '|>' }}
        {%- if m.reasoning_content %}{{ '<think>\n' + m.reasoning_content + '\n</think>\n\n' }}{% endif %}
        {{- m.content }}
        {%- for c in m.tool_calls %}
        {{- '\n<call>\n{"name": "' + c.function.name + '", "arguments": ' + c.function.arguments | tojson + '}\n</call>' }}
        {%- endfor %}
        {{- '<|end|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|assistant|>' }}{% if enable_thinking %}{{ '<think>\n' }}{% endif %}{% endif %}
        """;

    /// <summary>The name in a mark, the arguments as JSON text behind it, in a section.</summary>
    public const string TagWithJson = """
        {%- for m in messages %}
        {{- '[' + m.role | upper + ']' + m.content }}
        {%- if m.tool_calls %}{{ '<calls>' }}{% for c in m.tool_calls %}
        {{- '<call id="' + c.id + '" name="' + c.function.name + '">' + c.function.arguments + '</call>' }}
        {%- endfor %}{{ '</calls>' }}{% endif %}
        {{- '</s>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '[ASSISTANT]' }}{% endif %}
        """;

    /// <summary>Every argument in marks of its own; system messages are refused.</summary>
    public const string Tagged = """
        {%- for m in messages %}
        {%- if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}
        {{- '<' + m.role + '>\n' + m.content }}
        {%- for c in m.tool_calls %}
        {{- '<tool>\n<function=' + c.function.name + '>\n' }}
        {%- for k, v in c.function.arguments.items() %}
        {{- '<parameter=' + k + '>\n' + (v if v is string else v | tojson) + '\n</parameter>\n' }}
        {%- endfor %}
        {{- '</function>\n</tool>' }}
        {%- endfor %}
        {{- '<eos>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<assistant>\n' }}{% endif %}
        """;

    /// <summary>Calls are JSON without any mark.</summary>
    public const string Bare = """
        {%- for m in messages %}
        {{- '<|' + m.role + '|>' }}
        {%- if m.tool_calls %}
        {%- if m.tool_calls | length > 1 %}{{ raise_exception('one call at a time') }}{% endif %}
        {{- {'name': m.tool_calls[0].function.name, 'parameters': m.tool_calls[0].function.arguments} | tojson }}
        {%- else %}{{ m.content }}{% endif %}
        {{- '<|eot|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
        """;

    /// <summary>Knows neither tools nor reasoning.</summary>
    public const string Plain = """
        {%- for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}
        """;
}

using System.Security.Cryptography;
using System.Text;
using AgentKit.Models.Templates.Evaluation;
using AgentKit.Models.Templates.Syntax;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates;

/// <summary>
/// A chat template: the Jinja program, stored with a model, that writes a conversation as the model expects to read it. Renders what
/// jinja2 renders
/// with the settings of transformers. More is allowed in three places where published templates need it: lists and mappings may be
/// changed, there is a
/// filter <c>from_json</c>, and lazy sequences have a length and a JSON form. Immutable and safe to share between threads.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> _body;
    private readonly TemplateLimits _limits;

    private ChatTemplate(string source, IReadOnlyList<Statement> body, TemplateLimits limits)
    {
        Source = source;
        _body = body;
        _limits = limits;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
    }

    /// <summary>The template as written.</summary>
    public string Source { get; }

    /// <summary>SHA-256 of the source in UTF-8, in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template.</param>
    /// <param name="limits">What it may spend; the defaults when null.</param>
    /// <exception cref="TemplateException">The template is malformed or too long; names the line.</exception>
    public static ChatTemplate Parse(string source, TemplateLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        limits ??= TemplateLimits.Default;
        return new ChatTemplate(source, StatementParser.Parse(source, limits), limits);
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="input">The conversation and all other variables.</param>
    /// <param name="time">The clock behind <c>strftime_now</c>, in its local time zone; the system's when null.</param>
    /// <exception cref="TemplateException">The template fails or refuses the conversation; names the line.</exception>
    /// <remarks>
    /// Without tools, <c>tools</c> is None, as with transformers. A template that fails on that is rendered again with <c>tools</c>
    /// undefined.
    /// </remarks>
    public RenderedPrompt Render(TemplateInput input, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        try
        {
            return Render(input, time ?? TimeProvider.System, defineTools: true);
        }
        catch (TemplateException) when (input.Tools is null && !input.Variables.ContainsKey("tools"))
        {
            return Render(input, time ?? TimeProvider.System, defineTools: false);
        }
    }

    private RenderedPrompt Render(TemplateInput input, TimeProvider time, bool defineTools) => new RenderBudget(_limits).Run(() =>
    {
        var scope = new Scope(Globals.Create(time))
        {
            ["messages"] = InputValue.From(input.Messages),
            ["add_generation_prompt"] = input.AddGenerationPrompt,
        };
        if (input.BosToken is { } bos)
            scope["bos_token"] = TemplateText.Template(bos);
        if (input.EosToken is { } eos)
            scope["eos_token"] = TemplateText.Template(eos);
        if (defineTools)
            scope["tools"] = InputValue.From(input.Tools);
        foreach (var (name, value) in input.Variables)
            scope[name] = InputValue.From(value);
        return ToPrompt(new StatementExecutor().Run(_body, new Scope(scope)));
    });

    private static RenderedPrompt ToPrompt(TemplateText text)
    {
        var segments = new List<PromptSegment>();
        var position = 0;
        foreach (var span in text.Data)
        {
            if (position < span.Start)
                segments.Add(new PromptSegment(text.Value[position..span.Start], IsData: false));
            segments.Add(new PromptSegment(text.Value[span.Start..span.End], IsData: true));
            position = span.End;
        }
        if (position < text.Value.Length)
            segments.Add(new PromptSegment(text.Value[position..], IsData: false));
        return new RenderedPrompt(text.Value, segments);
    }
}

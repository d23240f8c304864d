using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>
/// Everything about how one model reads and writes conversations: its template, what the template can express, and the syntax of its
/// output. Found once
/// per template by rendering probes, then cached. Immutable and safe to share between threads.
/// </summary>
public sealed class ChatFormat
{
    private static readonly ConcurrentDictionary<(string, string, string), ChatFormat> Cache = new();

    private readonly ChatMessageMapper _mapper;
    private readonly string _bosToken;
    private readonly string _eosToken;

    private ChatFormat(ChatTemplate template, string bosToken, string eosToken)
    {
        Template = template;
        _bosToken = bosToken;
        _eosToken = eosToken;
        var probe = new TemplateProbe(template, bosToken, eosToken);
        Capabilities = CapabilityProbe.Detect(probe);
        probe = Capabilities.FunctionsVariable ? probe.WithFunctionsVariable() : probe;
        ToolSyntax = ToolSyntaxCatalog.Complete(template, ToolSyntaxAnalyzer.Derive(probe, Capabilities));
        _mapper = new ChatMessageMapper(Capabilities, ToolSyntax);
    }

    /// <summary>The template.</summary>
    public ChatTemplate Template { get; }

    /// <summary>What the template can express.</summary>
    public TemplateCapabilities Capabilities { get; }

    /// <summary>How the model writes reasoning and tool calls.</summary>
    public ToolSyntax ToolSyntax { get; }

    /// <summary>Finds the format of a template, or takes it from the cache.</summary>
    /// <param name="template">The template.</param>
    /// <param name="bosToken">Text of the beginning-of-sequence token; empty when the model has none.</param>
    /// <param name="eosToken">Text of the end-of-sequence token; empty when the model has none.</param>
    public static ChatFormat For(ChatTemplate template, string bosToken = "", string eosToken = "")
    {
        ArgumentNullException.ThrowIfNull(template);
        return Cache.GetOrAdd((template.Sha256, bosToken, eosToken), _ => new ChatFormat(template, bosToken, eosToken));
    }

    /// <summary>Renders a conversation for the model to go on.</summary>
    /// <param name="messages">The conversation. Roles, calls and content the template cannot express are adapted to it.</param>
    /// <param name="options">Tools, instructions and reasoning effort are used; tools are left out when the tool mode is none.</param>
    /// <param name="variables">Further template variables, such as <c>enable_thinking</c>.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends with the opening of an assistant message.</param>
    /// <param name="time">The clock behind <c>strftime_now</c>; the system's when null.</param>
    /// <exception cref="TemplateException">The template refuses the conversation.</exception>
    public RenderedPrompt Render(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, IReadOnlyDictionary<string, object?>? variables = null,
        bool addGenerationPrompt = true, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Template.Render(Input(messages, options, variables, addGenerationPrompt, time), time);
    }

    /// <summary>The template variables that <see cref="Render"/> uses for a conversation.</summary>
    public TemplateInput Input(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, IReadOnlyDictionary<string, object?>? variables = null,
        bool addGenerationPrompt = true, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var tools = options?.ToolMode is NoneChatToolMode ? null : ChatMessageMapper.MapTools(options?.Tools);
        var all = Capabilities.FunctionsVariable
            ? TemplateProbe.FunctionsVariables(tools, (time ?? TimeProvider.System).GetLocalNow())
            : new Dictionary<string, object?>(StringComparer.Ordinal);
        AddReasoning(all, options?.Reasoning);
        foreach (var (name, value) in variables ?? new Dictionary<string, object?>())
            all[name] = value;
        return new TemplateInput
        {
            Messages = _mapper.MapMessages(messages, options?.Instructions),
            Tools = tools,
            AddGenerationPrompt = addGenerationPrompt,
            BosToken = _bosToken,
            EosToken = _eosToken,
            Variables = all,
        };
    }

    /// <summary>Creates a parser for the message that the model writes behind a prompt.</summary>
    /// <param name="prompt">The prompt; what it already wrote of the message, such as an opened reasoning block, counts. Ids of calls
    /// derive from it.</param>
    /// <param name="tools">The tools the model may call; their schemas tell strings from numbers where the syntax does not.</param>
    public ChatOutputParser CreateParser(string prompt = "", IEnumerable<AITool>? tools = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var seed = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(prompt)));
        return new ChatOutputParser(ToolSyntax, tools, seed, PromptTail.Find(ToolSyntax, prompt));
    }

    private static void AddReasoning(Dictionary<string, object?> variables, ReasoningOptions? reasoning)
    {
        if (reasoning?.Effort is not { } effort)
            return;
        variables["enable_thinking"] = effort != ReasoningEffort.None;
        if (effort != ReasoningEffort.None)
        {
            var word = effort switch { ReasoningEffort.Low => "low", ReasoningEffort.Medium => "medium", _ => "high" };
            variables["reasoning_effort"] = new TrustedText(word);
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Chat;
using AgentKit.Models.Constraints;
using AgentKit.Models.Constraints.Tokens;
using AgentKit.Models.Engine;
using AgentKit.Models.Sampling;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Models;

/// <summary>From chat messages to tokens and back: template, tokenizer, grammar, engine, parser.</summary>
internal sealed class ChatPipeline
{
    private const int KeptGrammars = 64;

    private readonly Tokenizer _tokenizer;
    private readonly SamplingOptions _sampling;
    private readonly string _model;
    private readonly ILogger _logger;
    private readonly Lazy<ChatFormat> _format;
    private readonly Lazy<PromptTokenizer> _prompts;
    private readonly Lazy<TokenVocabulary> _vocabulary;
    private readonly Lazy<IReadOnlySet<int>> _visibleTokens;
    private readonly ConcurrentDictionary<string, Grammar?> _grammars = new();
    private readonly int _contextLength;

    public ChatPipeline(ModelInfo info, Tokenizer tokenizer, SamplingOptions sampling, int contextLength, ILogger logger)
    {
        _contextLength = contextLength;
        _model = info.Name;
        _tokenizer = tokenizer;
        _sampling = sampling;
        _logger = logger;
        _format = new(() => CreateFormat(info));
        _prompts = new(() => new(tokenizer));
        _vocabulary = new(CreateVocabulary);
        _visibleTokens = new(FindVisibleTokens);
    }

    /// <param name="engine">Generates.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">What the caller asked for.</param>
    /// <param name="local">What the caller asked for that only local models have.</param>
    /// <param name="adapters">The adapters to answer with.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<ChatResponseUpdate> RunAsync(
        BatchingEngine engine,
        ChatMessage[] messages,
        ChatOptions? options,
        LocalChatOptions local,
        AdapterSet adapters,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RefuseUnusable(messages, options);
        FittedPrompt prompt = await Fitter(options).FitAsync(messages, local, ChatSampling.MaxTokens(options), cancellationToken).ConfigureAwait(false);
        ChatOutputParser parser = _format.Value.CreateParser(prompt.Rendered.Text, options?.Tools);
        string responseId = Guid.NewGuid().ToString("N");
        bool called = false;
        GenerationRequest request = Request(prompt, options) with
        {
            Adapters = adapters,
            Queue = local.Queue,
            TopLogProbabilities = local.TopLogProbabilities,
        };
        await foreach (GenerationUpdate update in engine.GenerateAsync(request, cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<AIContent> contents = parser.Push(update.Text);
            contents = update.End is null ? contents : [.. contents, .. parser.Finish()];
            if (contents.Count > 0)
            {
                called |= contents.Any(content => content is FunctionCallContent);
                yield return Update(responseId, contents);
            }

            if (update.End is { } end)
            {
                yield return LastUpdate(responseId, update, end, called, prompt);
            }
        }

        foreach (ParseDiagnostic diagnostic in parser.Diagnostics)
        {
            _logger.LogWarning("Output that looked like a tool call was passed on as text: {Reason}", diagnostic.Reason);
        }
    }

    private GenerationRequest Request(FittedPrompt prompt, ChatOptions? options)
    {
        Grammar? grammar = FindGrammar(options);
        return new()
        {
            Prompt = prompt.Tokens,
            KeepWhenFull = prompt.Sinks,
            Sampling = ChatSampling.Read(options, _sampling),
            MaxTokens = ChatSampling.MaxTokens(options),
            StopTexts = ChatSampling.StopTexts(options),
            VisibleControlTokens = _visibleTokens.Value,
            Constraint = grammar is null ? null : new GrammarConstraint(_vocabulary.Value, grammar),
        };
    }

    private PromptFitter Fitter(ChatOptions? options) => new(messages => Render(messages, options), _prompts.Value.Encode, _contextLength);

    private RenderedPrompt Render(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        try
        {
            return _format.Value.Render(messages, options);
        }
        catch (TemplateException e)
        {
            throw new UserInputException("messages", $"The model's chat template refuses these messages: {e.Message}", e);
        }
    }

    private static void RefuseUnusable(ChatMessage[] messages, ChatOptions? options)
    {
        if (messages.Length == 0)
        {
            throw new UserInputException("messages", "There are no messages; at least one is needed.");
        }

        for (int i = 0; i < messages.Length; i++)
        {
            if (messages[i].Contents.FirstOrDefault(content => content is DataContent or UriContent or HostedFileContent) is { } content)
            {
                throw new UserInputException($"messages[{i}]", $"Message {i} holds {content.GetType().Name}; a local model reads text only.");
            }
        }

        if (options?.ConversationId is not null)
        {
            throw new UserInputException("ChatOptions.ConversationId", "ConversationId is set; a local model keeps no conversations, pass all messages.");
        }
    }

    /// <summary>What the answer must match: the tools' syntax, a JSON schema, or nothing.</summary>
    private Grammar? FindGrammar(ChatOptions? options)
    {
        List<AIFunctionDeclaration> tools = options?.ToolMode is NoneChatToolMode ? [] : [.. (options?.Tools ?? []).OfType<AIFunctionDeclaration>()];
        if (options?.ToolMode is RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            tools = [.. tools.Where(tool => tool.Name == name)];
        }

        bool required = options?.ToolMode is RequiredChatToolMode;
        if (tools.Count == 0)
        {
            return required
                ? throw new UserInputException("ChatOptions.ToolMode", "A tool call is required, but no such tool is among ChatOptions.Tools.")
                : FormatGrammar(options?.ResponseFormat);
        }

        bool parallel = options!.AllowMultipleToolCalls ?? true;
        string key = $"{required} {parallel} {string.Join('\n', tools.Select(tool => tool.Name + tool.JsonSchema.GetRawText()))}";
        return Cached(key, () => Warned(ToolCallGrammar.Build(
            _format.Value.ToolSyntax, _vocabulary.Value, _tokenizer.Special.ByText, tools, required, parallel), required));
    }

    private Grammar? FormatGrammar(ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
        {
            return null;
        }

        JsonElement schema = json.Schema ?? JsonDocument.Parse("""{"type":"object"}""").RootElement;
        return Cached("format " + schema.GetRawText(), () =>
        {
            JsonSchemaGrammar grammar = JsonSchemaGrammar.Create(schema);
            foreach (SchemaWarning warning in grammar.Warnings)
            {
                _logger.LogWarning("The JSON schema is not enforced in full while decoding: {Path} {Keyword}: {Message}", warning.Path, warning.Keyword, warning.Message);
            }

            return grammar.Compile();
        });
    }

    private Grammar? Cached(string key, Func<Grammar?> build)
    {
        if (_grammars.Count > KeptGrammars)
        {
            _grammars.Clear();
        }

        return _grammars.GetOrAdd(key, _ => build());
    }

    private Grammar? Warned(Grammar? grammar, bool required)
    {
        if (grammar is null)
        {
            string message = $"The tool syntax of {_model} cannot be held to the tools' schemas while decoding.";
            if (required)
            {
                throw new UserInputException("ChatOptions.ToolMode", $"A tool call is required, but cannot be enforced: {message}");
            }

            _logger.LogWarning("{Message} Calls are parsed as they come.", message);
        }

        return grammar;
    }

    private ChatFormat CreateFormat(ModelInfo info)
    {
        string source = info.ChatTemplate
            ?? throw new UserInputException("model", $"{info.Name} has no chat template; it can embed and complete text but not chat.");
        try
        {
            return ChatFormat.For(ChatTemplate.Parse(source), TokenText(_tokenizer.Bos), TokenText(_tokenizer.Eos));
        }
        catch (TemplateException e)
        {
            throw new UserInputException("model", $"The chat template of {info.Name} cannot be used: {e.Message}", e);
        }
    }

    private TokenVocabulary CreateVocabulary()
    {
        SpecialTokens special = _tokenizer.Special;
        byte[]?[] pieces = new byte[]?[_tokenizer.VocabularySize];
        Dictionary<int, string> named = [];
        for (int token = 0; token < pieces.Length; token++)
        {
            pieces[token] = special.Control.Contains(token) ? null : _tokenizer.Piece(token).ToArray();
        }

        foreach ((string text, int token) in special.ByText)
        {
            if (special.Control.Contains(token) && !special.EndOfGeneration.Contains(token))
            {
                named[token] = text;
            }
        }

        return new(pieces, special.EndOfGeneration, named);
    }

    /// <summary>Control tokens that mark reasoning or calls: the parser must see them.</summary>
    private HashSet<int> FindVisibleTokens()
    {
        ToolSyntax syntax = _format.Value.ToolSyntax;
        string marks = string.Concat([
            syntax.SectionStart, syntax.SectionEnd, syntax.CallSeparator, .. syntax.Call.Select(piece => piece.Text), syntax.ReasoningStart,
            syntax.ReasoningEnd, syntax.ContentStart, syntax.ContentEnd, syntax.StringQuote, syntax.TaggedArgument?.Start, syntax.TaggedArgument?.KeyEnd,
            syntax.TaggedArgument?.End, .. syntax.Ignored]);
        return [.. _tokenizer.Special.ByText.Where(pair => marks.Contains(pair.Key, StringComparison.Ordinal)).Select(pair => pair.Value)];
    }

    private string TokenText(int token) => token < 0 ? "" : _tokenizer.Decode([token]);

    private ChatResponseUpdate LastUpdate(string responseId, GenerationUpdate update, GenerationEnd end, bool called, FittedPrompt prompt)
    {
        UsageDetails usage = new()
        {
            InputTokenCount = update.PromptTokens,
            CachedInputTokenCount = update.CachedTokens,
            OutputTokenCount = update.OutputTokens,
            TotalTokenCount = update.PromptTokens + update.OutputTokens,
        };
        ChatResponseUpdate last = Update(responseId, [new UsageContent(usage)]);
        last.AdditionalProperties = new()
        {
            [LocalResponseDetails.Key] = new LocalResponseDetails
            {
                DroppedPromptTokens = prompt.Dropped,
                DroppedTokens = update.DroppedTokens,
                Summaries = prompt.Summaries,
                DraftedTokens = update.DraftedTokens,
                AcceptedTokens = update.AcceptedTokens,
                LogProbabilities = update.LogProbabilities,
            },
        };
        last.FinishReason = end is GenerationEnd.MaxTokens or GenerationEnd.ContextFull ? ChatFinishReason.Length
            : called ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        return last;
    }

    private ChatResponseUpdate Update(string responseId, IReadOnlyList<AIContent> contents) =>
        new(ChatRole.Assistant, [.. contents]) { ModelId = _model, ResponseId = responseId, MessageId = responseId };
}

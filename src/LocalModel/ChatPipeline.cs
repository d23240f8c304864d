using System.Runtime.CompilerServices;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Chat;
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
    private readonly Tokenizer _tokenizer;
    private readonly SamplingOptions _sampling;
    private readonly string _model;
    private readonly ILogger _logger;
    private readonly Lazy<ChatFormat> _format;
    private readonly Lazy<PromptTokenizer> _prompts;
    private readonly Lazy<TokenVocabulary> _vocabulary;
    private readonly Lazy<IReadOnlySet<int>> _visibleTokens;
    private readonly Lazy<AnswerContracts> _contracts;
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
        _contracts = new(() => new(_format.Value, () => _vocabulary.Value, info.Name, logger));
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
        AnswerContract contract = _contracts.Value.For(options, prompt.Rendered.Text);
        ChatOutputParser parser = _format.Value.CreateParser(prompt.Rendered.Text, options?.Tools);
        AnswerReport report = new(contract, _logger);
        string responseId = Guid.NewGuid().ToString("N");
        GenerationRequest request = Request(prompt, options, contract) with
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
                report.Add(contents);
                yield return Update(responseId, contents);
            }

            if (update.End is { } end)
            {
                report.Finish(end, request.Constraint as GrammarConstraint);
                yield return LastUpdate(responseId, update, report, prompt);
            }
        }

        foreach (ParseDiagnostic diagnostic in parser.Diagnostics)
        {
            _logger.LogWarning("Output that looked like a tool call was passed on as text: {Reason}", diagnostic.Reason);
        }
    }

    /// <summary>Tokens of the prompt that messages and tools make.</summary>
    public int Count(ChatMessage[] messages, ChatOptions? options)
    {
        RefuseUnusable(messages, options);
        return _prompts.Value.Encode(Render(messages, options)).Length;
    }

    private GenerationRequest Request(FittedPrompt prompt, ChatOptions? options, AnswerContract contract)
    {
        int? limit = ChatSampling.MaxTokens(options);
        // Where the context makes room for itself, it sets no limit.
        int room = prompt.Sinks is null ? _contextLength - prompt.Tokens.Length : int.MaxValue;
        return new()
        {
            Prompt = prompt.Tokens,
            KeepWhenFull = prompt.Sinks,
            Sampling = ChatSampling.Read(options, _sampling),
            MaxTokens = limit,
            StopTexts = ChatSampling.StopTexts(options),
            VisibleControlTokens = _visibleTokens.Value,
            Constraint = contract.Grammar is { } grammar
                ? new GrammarConstraint(_vocabulary.Value, grammar, contract.ClosesInTime ? Math.Min(limit ?? int.MaxValue, room) : null)
                : null,
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

        return new(pieces, special.EndOfGeneration, named)
        {
            EndTexts = [.. special.ByText.Where(pair => special.EndOfGeneration.Contains(pair.Value)).Select(pair => pair.Key)],
        };
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

    private ChatResponseUpdate LastUpdate(string responseId, GenerationUpdate update, AnswerReport report, FittedPrompt prompt)
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
                SchemaWarnings = report.Warnings,
                SchemaErrors = report.Errors,
                ClosedEarly = report.ClosedEarly,
            },
        };
        last.FinishReason = report.FinishReason;
        return last;
    }

    private ChatResponseUpdate Update(string responseId, IReadOnlyList<AIContent> contents) =>
        new(ChatRole.Assistant, [.. contents]) { ModelId = _model, ResponseId = responseId, MessageId = responseId };
}

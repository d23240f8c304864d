using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Sampling;
using AgentKit.Models.Templates;
using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>From chat messages to tokens and back: template, tokenizer, engine, parser.</summary>
internal sealed class ChatPipeline
{
    private readonly Tokenizer _tokenizer;
    private readonly SamplingOptions _sampling;
    private readonly Lazy<ChatTemplate> _template;
    private readonly Lazy<PromptTokenizer> _prompts;
    private readonly string _model;

    public ChatPipeline(ModelInfo info, Tokenizer tokenizer, SamplingOptions sampling)
    {
        _model = info.Name;
        _tokenizer = tokenizer;
        _sampling = sampling;
        _prompts = new(() => new(tokenizer));
        _template = new(() => ChatTemplate.Parse(info.ChatTemplate
            ?? throw new UserInputException("model", $"{info.Name} has no chat template; it can embed and complete text but not chat.")));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> RunAsync(
        BatchingEngine engine, ChatMessage[] messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        GenerationRequest request = new()
        {
            Prompt = _prompts.Value.Encode(Render(messages)),
            Sampling = ChatSampling.Read(options, _sampling),
            MaxTokens = ChatSampling.MaxTokens(options),
            StopTexts = ChatSampling.StopTexts(options),
        };
        await foreach (GenerationUpdate update in engine.GenerateAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (update.Text.Length > 0)
            {
                yield return Update(new TextContent(update.Text));
            }

            if (update.End is { } end)
            {
                UsageDetails usage = new()
                {
                    InputTokenCount = update.PromptTokens,
                    CachedInputTokenCount = update.CachedTokens,
                    OutputTokenCount = update.OutputTokens,
                    TotalTokenCount = update.PromptTokens + update.OutputTokens,
                };
                ChatResponseUpdate last = Update(new UsageContent(usage));
                last.FinishReason = end is GenerationEnd.EndOfTurn or GenerationEnd.StopText ? ChatFinishReason.Stop : ChatFinishReason.Length;
                yield return last;
            }
        }
    }

    private RenderedPrompt Render(ChatMessage[] messages)
    {
        JsonArray mapped = [.. messages.Select(m => new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text })];
        try
        {
            return _template.Value.Render(new() { Messages = mapped, BosToken = TokenText(_tokenizer.Bos), EosToken = TokenText(_tokenizer.Eos) });
        }
        catch (TemplateException e)
        {
            throw new UserInputException("messages", $"The model's chat template refuses these messages: {e.Message}", e);
        }
    }

    private string TokenText(int token) => token < 0 ? "" : _tokenizer.Decode([token]);

    private ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content]) { ModelId = _model };
}

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentKit.Kernel;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Calls the model once and turns what it streams into one reply.</summary>
internal sealed class ModelCaller
{
    /// <summary>One line: arguments are journaled, shown and sent back to the model.</summary>
    private static readonly JsonSerializerOptions ArgumentJson = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private readonly IChatClient _model;
    private readonly AgentOptions _options;
    private readonly ToolSet _tools;

    public ModelCaller(IChatClient model, AgentOptions options, ToolSet tools)
    {
        (_model, _options, _tools) = (model, options, tools);
        var metadata = model.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
        Name = options.ModelName ?? options.ChatOptions?.ModelId ?? metadata?.DefaultModelId ?? "model";
        Provider = metadata?.ProviderName ?? "custom";
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>Who serves the model.</summary>
    public string Provider { get; }

    /// <summary>Counts what the model would read; <c>null</c> when it cannot.</summary>
    public ITokenCounter? Counter => _options.Context.Counter ?? _model.GetService(typeof(ITokenCounter)) as ITokenCounter;

    /// <summary>The options of a call: the agent's own, with its tools and the form of its answer.</summary>
    public ChatOptions Options()
    {
        ChatOptions chatOptions = _options.ChatOptions?.Clone() ?? new ChatOptions();
        if (_tools.All.Count > 0) chatOptions.Tools = [.. chatOptions.Tools ?? [], .. _tools.All];
        if (_options.AnswerSchema is { } schema) chatOptions.ResponseFormat ??= ChatResponseFormat.ForJsonSchema(schema);
        return chatOptions;
    }

    /// <summary>Asks for a text without tools, for the agent's own use.</summary>
    public async Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ChatOptions chatOptions = _options.ChatOptions?.Clone() ?? new ChatOptions();
        return await _model.GetResponseAsync(messages, chatOptions, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Streams one reply, showing its text as it comes.</summary>
    public async Task<AgentEvent.ModelReplied> CallAsync(
        RunRecorder run, IReadOnlyList<ChatMessage> context, int step, CancellationToken cancellationToken)
    {
        using Activity? span = Spans.Chat(Provider, Name, _options.ChatOptions);
        try
        {
            long started = _options.TimeProvider.GetTimestamp();
            var updates = new List<ChatResponseUpdate>();
            await foreach (ChatResponseUpdate update in
                _model.GetStreamingResponseAsync(context, Options(), cancellationToken).ConfigureAwait(false))
            {
                updates.Add(update);
                if (update.Text.Length > 0) run.Show(new AgentEvent.TextDelta(step, update.Text));
            }

            // A model may end its stream early instead of throwing when it is cancelled; half an answer is none.
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan took = _options.TimeProvider.GetElapsedTime(started);
            AgentEvent.ModelReplied reply = ToReply(updates.ToChatResponse(), step, run.Events, took.TotalMilliseconds);
            Metrics.ModelCall(Provider, Name, took, reply.Usage);
            Spans.End(span, reply.Usage, error: null, reply.FinishReason);
            return reply;
        }
        catch (Exception e)
        {
            Spans.Fail(span, e);
            throw;
        }
    }

    private static AgentEvent.ModelReplied ToReply(ChatResponse response, int step, IReadOnlyList<AgentEvent> earlier, double milliseconds)
    {
        AIContent[] contents = [.. response.Messages.SelectMany(message => message.Contents)];
        string reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(r => r.Text));
        var ids = earlier.OfType<AgentEvent.ModelReplied>().SelectMany(r => r.Calls).Select(c => c.Id).ToHashSet();
        ToolCall[] calls = [.. contents.OfType<FunctionCallContent>().Where(c => !c.InformationalOnly)
            .Select((call, i) => new ToolCall(UniqueId(ids, call.CallId, $"call_{step}_{i + 1}"), call.Name, ToArguments(call)))];
        var usage = new TokenUsage(
            response.Usage?.InputTokenCount ?? 0, response.Usage?.CachedInputTokenCount ?? 0, response.Usage?.OutputTokenCount ?? 0);
        string finish = response.FinishReason?.Value ?? (calls.Length > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop).Value;
        return new AgentEvent.ModelReplied(
            step, response.Text, reasoning.Length > 0 ? reasoning : null, calls, finish, usage, milliseconds);
    }

    /// <summary>The model's own id when it has one that is new in this run, else one that depends on the position only.</summary>
    private static string UniqueId(HashSet<string> taken, string? own, string positional)
    {
        if (!string.IsNullOrEmpty(own) && taken.Add(own)) return own;
        while (!taken.Add(positional)) positional += "_";
        return positional;
    }

    private static JsonElement? ToArguments(FunctionCallContent call)
    {
        if (call.Exception is not null) return null;
        try
        {
            JsonTypeInfo type = ArgumentJson.GetTypeInfo(typeof(IDictionary<string, object?>));
            return JsonSerializer.SerializeToElement(call.Arguments ?? new Dictionary<string, object?>(), type);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

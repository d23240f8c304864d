using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>
/// A local model under test. With one request at a time every sample is computed as if it were the first one, so its numbers do not depend
/// on what ran before; with several, samples share batches and beginnings, which is faster and may move a log-probability in its fifth
/// digit or so.
/// </summary>
public sealed class LocalSubject : IEvalSubject
{
    /// <summary>Rises whenever a prompt becomes other tokens than before.</summary>
    private const int PromptVersion = 1;

    private readonly LocalModel _model;
    private readonly PromptReader _prompts;
    private readonly bool _serial;

    /// <summary>Tests a model.</summary>
    /// <param name="model">The model; the caller disposes of it.</param>
    /// <param name="fileHash">SHA-256 of its file in hexadecimal: two models of one name are told apart by it.</param>
    /// <param name="chat">Whether to ask through its chat template; <c>null</c>: if it has one.</param>
    /// <param name="adapterHash">SHA-256 of the file of its default adapter; <c>null</c>: it has none.</param>
    /// <exception cref="UserInputException">A chat is asked for and the model has no template.</exception>
    public LocalSubject(LocalModel model, string fileHash, bool? chat = null, string? adapterHash = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(fileHash);
        _model = model;
        _prompts = new(model);
        _serial = model.Settings.Parallel == 1;
        IsChat = chat ?? _prompts.TemplateHash is not null;
        if (IsChat && _prompts.TemplateHash is null) throw new UserInputException("chat", $"{model.Info.Name} has no chat template.");
        string template = IsChat ? _prompts.TemplateHash![..12] : "none";
        string adapter = adapterHash is null ? "" : $"|adapter:{Short(adapterHash)}";
        string mode = _serial ? "serial" : "batched";
        Signature = $"model:{model.Info.Name}|sha256:{Short(fileHash)}|template:{template}{adapter}|kv:{model.Settings.KvType}"
            + $"|ctx:{model.Settings.ContextLength}|mode:{mode}|engine:{NativeRuntime.Probe().Version}|prompts:{PromptVersion}";
    }

    private LocalSubject(LocalSubject batched)
    {
        _model = batched._model;
        _prompts = batched._prompts;
        _serial = true;
        IsChat = batched.IsChat;
        Signature = batched.Signature;
    }

    /// <inheritdoc/>
    public string Signature { get; }

    /// <inheritdoc/>
    public bool IsChat { get; }

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings => _model;

    /// <inheritdoc/>
    public IEvalSubject? Alone => _serial ? null : new LocalSubject(this);

    /// <inheritdoc/>
    /// <exception cref="UserInputException">
    /// A prompt with its continuation does not fit the context, or the template refuses it.
    /// </exception>
    public async Task<IReadOnlyList<ContinuationScore>> ScoreAsync(
        IReadOnlyList<ScoreRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (!_serial) return await Task.WhenAll(requests.Select(request => ScoreAsync(request, cancellationToken))).ConfigureAwait(false);
        List<ContinuationScore> scores = [];
        foreach (ScoreRequest request in requests) scores.Add(await ScoreAsync(request, cancellationToken).ConfigureAwait(false));
        return scores;
    }

    /// <inheritdoc/>
    /// <exception cref="UserInputException">
    /// The prompt does not fit the context, the answer filled it before it came to an end, or the template refuses the prompt.
    /// </exception>
    public Task<SubjectReply> GenerateAsync(GenerateRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Prompt.IsChat ? ChatAsync(request, cancellationToken) : ContinueAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ResetAsync() => _serial ? _model.ForgetPromptsAsync() : Task.CompletedTask;

    private async Task<ContinuationScore> ScoreAsync(ScoreRequest request, CancellationToken cancellationToken)
    {
        (int[] tokens, int from) = _prompts.Encode(request.Prompt, request.Continuation);
        IReadOnlyList<TokenLogProbability> scored = await _model.ScoreAsync(tokens, from, 1, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return new([.. scored.Select(token => token.LogProbability)], scored.All(token => token.Alternatives[0].Token == token.Token))
        {
            Tokens = tokens[from..],
        };
    }

    private async Task<SubjectReply> ChatAsync(GenerateRequest request, CancellationToken cancellationToken)
    {
        ChatOptions options = new()
        {
            Temperature = request.Temperature,
            MaxOutputTokens = request.MaxTokens,
            StopSequences = request.Until.Count > 0 ? [.. request.Until] : null,
            Seed = request.Seed,
            Tools = request.Tools.Count > 0 ? [.. request.Tools] : null,
            // Recommendations of the file must not change what is measured.
            TopK = 0,
            TopP = 1,
            AdditionalProperties = new() { ["min_p"] = 0, ["repetition_penalty"] = 1 },
        };
        ChatResponse response = await _model.GetResponseAsync(request.Prompt.Messages, options, cancellationToken).ConfigureAwait(false);
        AnswerRoom.Check(response, request.MaxTokens, _model);
        ToolCall[] calls =
            [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(SubjectCalls.From)];
        return new(response.Text, calls, response.FinishReason?.Value ?? "stop");
    }

    /// <summary>Continues running text token by token.</summary>
    private async Task<SubjectReply> ContinueAsync(GenerateRequest request, CancellationToken cancellationToken)
    {
        if (request.Tools.Count > 0)
            throw new UserInputException("chat", "Functions are offered through a chat template; without one the task cannot be asked.");
        List<int> tokens = [.. _prompts.Encode(request.Prompt)];
        int start = tokens.Count;
        var random = new Random(unchecked((int)request.Seed));
        while (tokens.Count - start < request.MaxTokens)
        {
            int token = await NextAsync(tokens, request.Temperature, random, cancellationToken).ConfigureAwait(false);
            if (_model.Tokenizer.IsEndOfGeneration(token)) return new(Written(tokens, start));
            tokens.Add(token);
            string text = Written(tokens, start);
            int end = request.Until.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(-1)
                .Min();
            if (end >= 0) return new(text[..end]);
        }

        return new(Written(tokens, start), "length");
    }

    private async Task<int> NextAsync(List<int> tokens, float temperature, Random random, CancellationToken cancellationToken)
    {
        // The token asked about is not read: any will do.
        int[] asked = [.. tokens, tokens[0]];
        if (temperature == 0)
        {
            var next = await _model.ScoreAsync(asked, tokens.Count, 1, cancellationToken: cancellationToken).ConfigureAwait(false);
            return next[0].Alternatives[0].Token;
        }

        int drawn = 0;
        await _model.ReadLogitsAsync(
            asked, tokens.Count, (_, logits) => drawn = Draw(logits, temperature, random), cancellationToken: cancellationToken).ConfigureAwait(false);
        return drawn;
    }

    private static int Draw(ReadOnlySpan<float> logits, float temperature, Random random)
    {
        double most = TensorPrimitives.Max(logits), sum = 0;
        foreach (float logit in logits) sum += Math.Exp((logit - most) / temperature);
        double left = random.NextDouble() * sum;
        for (int token = 0; token < logits.Length; token++)
        {
            left -= Math.Exp((logits[token] - most) / temperature);
            if (left < 0) return token;
        }

        return TensorPrimitives.IndexOfMax(logits);
    }

    private string Written(List<int> tokens, int start) => _model.Tokenizer.Decode([.. tokens.Skip(start)]);

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}

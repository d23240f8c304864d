using AgentKit.Agents.Judge;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>A second model that judges what the subject wrote. It is asked one thing at a time, each as if it were the first.</summary>
public sealed class EvalJudge : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly IChatClient _model;
    private readonly IScoreReader? _scores;
    private readonly Func<Task>? _reset;

    /// <summary>Judges with any model.</summary>
    /// <param name="model">The model; the caller disposes of it.</param>
    /// <param name="signature">All about it that its verdicts depend on.</param>
    /// <param name="scores">Reads probabilities of its tokens, where it tells them.</param>
    /// <param name="reset">Makes the next verdict independent of those before, where that takes something.</param>
    public EvalJudge(IChatClient model, string signature, IScoreReader? scores = null, Func<Task>? reset = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(signature);
        _model = model;
        Signature = signature;
        _scores = scores;
        _reset = reset;
    }

    /// <summary>All about it that its verdicts depend on.</summary>
    public string Signature { get; }

    /// <summary>Reasons not to trust it that are known beforehand, such as a base that it shares with the subject; in sentences.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<string> Concerns { get; init; } = [];

    /// <summary>Judges with a local model.</summary>
    /// <param name="model">The model; the caller disposes of it.</param>
    /// <param name="fileHash">SHA-256 of its file in hexadecimal.</param>
    /// <param name="concerns">Reasons not to trust it that are known beforehand.</param>
    public static EvalJudge Of(LocalModel model, string fileHash, params IReadOnlyList<string> concerns)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(fileHash);
        string signature = $"{model.Info.Name},sha256:{(fileHash.Length > 12 ? fileHash[..12] : fileHash)},kv:{model.Settings.KvType}"
            + $",ctx:{model.Settings.ContextLength},engine:{NativeRuntime.Probe().Version}";
        return new EvalJudge(new PlainSampling(model), signature, new LocalScoreReader(), model.ForgetPromptsAsync) { Concerns = concerns };
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    /// <summary>Asks it something.</summary>
    internal async Task<T> AskAsync<T>(JudgeOptions options, Func<ModelJudge, Task<T>> ask, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_reset is not null) await _reset().ConfigureAwait(false);
            return await ask(new ModelJudge(_model, options, _scores)).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Neither recommendations of a model's file nor a context that is too small must change what is measured.</summary>
    private sealed class PlainSampling(LocalModel model) : DelegatingChatClient(model)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            ChatOptions plain = options?.Clone() ?? new();
            plain.TopK = 0;
            plain.TopP = 1;
            plain.AdditionalProperties ??= [];
            plain.AdditionalProperties["min_p"] = 0;
            plain.AdditionalProperties["repetition_penalty"] = 1;
            ChatResponse response = await base.GetResponseAsync(messages, plain, cancellationToken).ConfigureAwait(false);
            AnswerRoom.Check(response, plain.MaxOutputTokens ?? int.MaxValue, model);
            return response;
        }

        // The judge's owner disposes of the model.
        protected override void Dispose(bool disposing)
        {
        }
    }
}

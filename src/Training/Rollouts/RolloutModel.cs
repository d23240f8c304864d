using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Engine;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rollouts;

/// <summary>The model in training as a served one: many prompts are answered at once by the batching engine, with the adapter as it is at the moment.</summary>
internal sealed class RolloutModel : IDisposable
{
    private const string Policy = "policy";

    /// <summary>Tokens that a tool's results are given room for; where they need more, the answer may end there.</summary>
    private const int ResultRoom = 512;

    private readonly LocalModel _model;
    private readonly ChatFormat _format;
    private readonly SampleEncoder _encoder;
    private readonly RolloutTools _tools;
    private readonly int _reachable;
    private readonly HashSet<int> _visible;

    /// <param name="options">The run.</param>
    /// <param name="format">The model's chat format.</param>
    /// <param name="longestPrompt">Tokens of the longest prompt.</param>
    /// <param name="trained">Tokens of the context that the model was trained for.</param>
    /// <param name="time">The date that the chat template writes.</param>
    /// <exception cref="UserInputException">Memory holds no context for the longest prompt and its answer.</exception>
    public RolloutModel(RolloutRunOptions options, ChatFormat format, int longestPrompt, int trained, TimeProvider time)
    {
        _format = format;
        long wanted = (long)longestPrompt + options.MaxNewTokens + (options.Tools.Count == 0 ? 0 : (long)options.MaxToolSteps * ResultRoom);
        int context = (int)Math.Min(wanted, Math.Min(options.MaxLength ?? int.MaxValue, trained));
        // Asked for, not chosen: how long a prompt or answer may be must not depend on the memory that happens to be free.
        _model = LocalModel.Open(options.Model, new()
        {
            ContextLength = context, Parallel = options.Parallel, Threads = options.Threads, GpuLayers = options.Gpu ? null : 0, QueueLimit = 1_000_000,
        });
        _encoder = new(_model.Tokenizer, format, time);
        _tools = new(options.Tools);
        _reachable = context;
        SpecialTokens special = _model.Tokenizer.Special;
        _visible = [.. special.Control.Where(token => !special.EndOfGeneration.Contains(token))];
    }

    /// <summary>Answers with the engine's adapter from now on.</summary>
    /// <param name="engine">Holds the adapter.</param>
    /// <param name="file">Where it is written, since llama.cpp reads files.</param>
    public async Task UseAsync(TrainingEngine engine, string file)
    {
        engine.SaveAdapter(file, new() { Name = Policy, BaseName = _model.Info.Name, BaseSha256 = "" });
        await _model.LoadAdapterAsync(file, Policy).ConfigureAwait(false);
        _model.DefaultAdapters = [new(Policy)];
    }

    /// <summary>Answers prompts; those with a common beginning compute it once.</summary>
    /// <param name="prompts">The prompts, each with the seed of its answer.</param>
    /// <param name="limits">How they are sampled and where they end.</param>
    /// <param name="stop">Cancels.</param>
    public Task<Rollout[]> AnswerAsync(IEnumerable<(RolloutPrompt Prompt, int Seed)> prompts, RolloutLimits limits, CancellationToken stop) =>
        Task.WhenAll(prompts.Select(pair => AnswerAsync(pair.Prompt, pair.Seed, limits, stop)));

    public void Dispose() => _model.Dispose();

    private async Task<Rollout> AnswerAsync(RolloutPrompt prompt, int seed, RolloutLimits limits, CancellationToken stop)
    {
        var dialogue = new Dialogue(prompt);
        for (int step = 0; ; step++)
        {
            // 1. a turn of the model
            bool ended = await WriteAsync(dialogue, prompt, Seed(seed, step), limits, stop).ConfigureAwait(false);

            // 2. whether it ends the answer
            IReadOnlyList<FunctionCallContent> calls = dialogue.OpenCalls;
            if (!ended || calls.Count == 0 || step == limits.MaxToolSteps || !_tools.Know(calls)) return dialogue.ToRollout();

            // 3. what its calls return, where there is room to go on behind it
            (ChatMessage results, int failures) = await _tools.AnswerAsync(calls, stop).ConfigureAwait(false);
            EncodedResults added = _encoder.EncodeResults(prompt.Line, dialogue.With(results));
            if (dialogue.Written >= limits.MaxTokens || dialogue.Tokens.Length + added.Tokens.Length >= _reachable)
            {
                dialogue.CutOff();
                return dialogue.ToRollout();
            }

            dialogue.AddResults(results, failures, added);
        }
    }

    /// <summary>Adds a turn of the model; <c>true</c> when the model ended it itself.</summary>
    private async Task<bool> WriteAsync(Dialogue dialogue, RolloutPrompt prompt, int seed, RolloutLimits limits, CancellationToken stop)
    {
        GenerationRequest request = new()
        {
            Prompt = dialogue.Tokens,
            Sampling = new() { Temperature = (float)limits.Temperature, Seed = seed },
            MaxTokens = Math.Min(limits.MaxTokens - dialogue.Written, _reachable - dialogue.Tokens.Length),
            VisibleControlTokens = _visible,
            Adapters = _model.DefaultAdapterSet,
            TopLogProbabilities = 0,
        };
        ChatOutputParser parser = _format.CreateParser(dialogue.Text, prompt.Conversation.Tools);
        List<AIContent> contents = [];
        string text = "";
        GenerationUpdate last = default;
        await foreach (GenerationUpdate update in _model.Engine.GenerateAsync(request, stop).ConfigureAwait(false))
        {
            text += update.Text;
            contents.AddRange(parser.Push(update.Text));
            last = update;
        }

        contents.AddRange(parser.Finish());
        bool ended = last.End == GenerationEnd.EndOfTurn;
        dialogue.AddTurn([.. last.LogProbabilities.Select(token => token.Token)], text, contents, ended);
        return ended;
    }

    /// <summary>The first turn's seed is the answer's, so that tools change nothing before they are called.</summary>
    private static int Seed(int seed, int step) => step == 0 ? seed : EpochOrder.Mixed(seed, step);
}

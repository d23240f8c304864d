using AgentKit.Models;
using AgentKit.Models.Chat;
using AgentKit.Models.Engine;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rollouts;

/// <summary>The model in training as a served one: many prompts are answered at once by the batching engine, with the adapter as it is at the moment.</summary>
internal sealed class RolloutModel : IDisposable
{
    private const string Policy = "policy";

    private readonly LocalModel _model;
    private readonly ChatFormat _format;
    private readonly HashSet<int> _visible;

    /// <param name="path">The model's file.</param>
    /// <param name="format">Its chat format.</param>
    /// <param name="parallel">Answers that are written at once.</param>
    /// <param name="threads">Threads; <c>null</c> for as many as there are CPUs.</param>
    public RolloutModel(string path, ChatFormat format, int parallel, int? threads)
    {
        _format = format;
        _model = LocalModel.Open(path, new() { Parallel = parallel, Threads = threads, QueueLimit = 1_000_000 });
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
    /// <param name="temperature">0 for the likeliest tokens.</param>
    /// <param name="maxTokens">Most tokens of an answer.</param>
    /// <param name="stop">Cancels.</param>
    public Task<Rollout[]> AnswerAsync(IEnumerable<(RolloutPrompt Prompt, int Seed)> prompts, double temperature, int maxTokens, CancellationToken stop) =>
        Task.WhenAll(prompts.Select(pair => AnswerAsync(pair.Prompt, pair.Seed, temperature, maxTokens, stop)));

    public void Dispose() => _model.Dispose();

    private async Task<Rollout> AnswerAsync(RolloutPrompt prompt, int seed, double temperature, int maxTokens, CancellationToken stop)
    {
        GenerationRequest request = new()
        {
            Prompt = prompt.Tokens,
            Sampling = new() { Temperature = (float)temperature, Seed = seed },
            MaxTokens = maxTokens,
            VisibleControlTokens = _visible,
            Adapters = _model.DefaultAdapterSet,
            TopLogProbabilities = 0,
        };
        ChatOutputParser parser = _format.CreateParser(prompt.Text, prompt.Conversation.Tools);
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
        int[] written = [.. last.LogProbabilities.Select(token => token.Token)];
        TrainingSample sample = new(
            prompt.Line, [.. prompt.Tokens, .. written], [.. Enumerable.Repeat(0.0, prompt.Tokens.Length), .. Enumerable.Repeat(1.0, written.Length)]);
        string content = string.Concat(contents.OfType<TextContent>().Select(part => part.Text));
        return new(sample, new(text, content, [.. contents.OfType<FunctionCallContent>()], written.Length, last.End == GenerationEnd.EndOfTurn));
    }
}

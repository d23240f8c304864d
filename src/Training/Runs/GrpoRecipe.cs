using AgentKit.Kernel.Errors;
using AgentKit.Models.Chat;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Rewards;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>Learning from rewarded answers.</summary>
internal sealed class GrpoRecipe(GrpoRunOptions options) : Recipe
{
    private readonly RewardSet _rewards = new(options.Rewards, options.MoreRewards);
    private IReadOnlyList<RolloutPrompt> _prompts = [];
    private IReadOnlyList<RolloutPrompt> _held = [];
    private ChatFormat? _format;

    public override string Objective => options.Rloo is null ? "grpo" : "rloo";

    public override RunData Read(RunReader reader)
    {
        if (options.Mix.Count > 0) throw new UserInputException("mix", "mix is given; train grpo learns from the prompts of one file.");
        _format = reader.Encoder.Format;
        (_prompts, RunData data) = Prompts(reader, "data", options.Data);
        if (options.EvalData is not { } path) return data;
        (_held, RunData held) = Prompts(reader, "eval_data", path);
        return data with { EvalSha256 = held.Sha256 };
    }

    public override Lessons Prepare(TrainingEngine engine, RunFolder folder, RunData data)
    {
        RolloutModel model = new(options.Model, _format!, options.Parallel, options.Threads);
        var policy = new PolicyRounds(engine, model, folder, _rewards, options, _prompts, _held);
        return new(policy.StepsPerEpoch, policy.Batch, policy.Begin) { Evaluate = _held.Count == 0 ? null : policy.Evaluate, Resource = model };
    }

    private (IReadOnlyList<RolloutPrompt> Prompts, RunData Data) Prompts(RunReader reader, string field, string path)
    {
        DataFile file = DataFile.Read(path, RowKind.Prompt);
        List<RolloutPrompt> prompts = [];
        List<RowFault> faults = [.. file.Faults];
        List<int> longLines = [];
        foreach (PromptRow row in file.Rows.Cast<PromptRow>())
        {
            reader.Stop.ThrowIfCancellationRequested();
            try
            {
                if (_rewards.Fault(row.Reward) is { } fault) throw new RowException(fault);
                (string text, int[] tokens) = reader.Encoder.EncodePrompt(row.Line, row.Prompt);
                if (tokens.Length < reader.MaxLength) prompts.Add(new(row.Line, row.Prompt, row.Reward, text, tokens));
                else if (options.LongRows == LongRows.Refuse) throw new RowException($"has {tokens.Length} tokens, which leaves no room for an answer in {reader.MaxLength}");
                else longLines.Add(row.Line);
            }
            catch (Exception e) when (e is RowException or UserInputException)
            {
                faults.Add(new(row.Line, e.Message.Replace($"line {row.Line}: ", "", StringComparison.Ordinal)));
            }
        }

        RowFault[] ordered = [.. faults.OrderBy(fault => fault.Line)];
        reader.Check(field, path, ordered, prompts.Count);
        return (prompts, new([], [], ordered, longLines, file.Sha256, null) { Rows = prompts.Count });
    }
}

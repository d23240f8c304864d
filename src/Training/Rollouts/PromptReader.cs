using AgentKit.Kernel.Errors;
using AgentKit.Training.Data;
using AgentKit.Training.Rewards;
using AgentKit.Training.Runs;

namespace AgentKit.Training.Rollouts;

/// <summary>Reads prompts with what their answers are rewarded by.</summary>
/// <param name="reader">Reads the run's files.</param>
/// <param name="rewards">They say whether an answer can be judged.</param>
/// <param name="options">The run.</param>
internal sealed class PromptReader(RunReader reader, RewardSet rewards, RolloutRunOptions options)
{
    private readonly RolloutTools _tools = new(options.Tools);

    /// <summary>The run's prompts, those it measures with, and what is known about both.</summary>
    /// <param name="command">The command, for its messages.</param>
    public (IReadOnlyList<RolloutPrompt> Prompts, IReadOnlyList<RolloutPrompt> Held, RunData Data) Read(string command)
    {
        if (options.Mix.Count > 0) throw new UserInputException("mix", $"mix is given; train {command} learns from the prompts of one file.");
        if (options.LongRows == LongRows.Cut) throw new UserInputException("long_rows", "long_rows is cut; half a prompt asks something else: refuse or skip is allowed here.");
        if (options.Tools.Count > 0 && reader.Encoder.Format.Capabilities is { Tools: false } or { ToolResults: false })
            throw new UserInputException("tools", "tools is given; the model's chat template has no place for tools and their results.");
        (IReadOnlyList<RolloutPrompt> prompts, RunData data) = Prompts("data", options.Data);
        if (options.EvalData is not { } path) return (prompts, [], data);
        (IReadOnlyList<RolloutPrompt> held, RunData measured) = Prompts("eval_data", path);
        return (prompts, held, data with { EvalSha256 = measured.Sha256 });
    }

    private (IReadOnlyList<RolloutPrompt> Prompts, RunData Data) Prompts(string field, string path)
    {
        DataFile file = DataFile.Read(path, RowKind.Prompt);
        List<RolloutPrompt> prompts = [];
        List<RowFault> faults = [.. file.Faults];
        List<int> longLines = [];
        foreach (PromptRow given in file.Rows.Cast<PromptRow>())
        {
            PromptRow row = given with { Prompt = given.Prompt with { Tools = _tools.OfferedBeside(given.Prompt.Tools) } };
            reader.Stop.ThrowIfCancellationRequested();
            try
            {
                if (rewards.Fault(row.Reward) is { } fault) throw new RowException(fault);
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
        reader.Check(field, path, ordered, longLines, prompts.Count);
        if (field == "data") rewards.RefuseUnearnable([.. prompts.Select(prompt => prompt.Expected)]);
        return (prompts, new([], [], file.Sha256, null) { Rows = prompts.Count });
    }
}

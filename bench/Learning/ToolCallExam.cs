using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Eval.Statistics;
using AgentKit.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Rewards;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench.Learning;

/// <summary>How many tool-call cases a served model gets right: all calls, all names, all arguments, as <see cref="ToolCallReward"/> compares them.</summary>
internal static class ToolCallExam
{
    private const int MostTokens = 160;

    /// <summary>Asks every case with greedy decoding, as users would: through <see cref="LocalModel"/>, tool calls held to their schemas.</summary>
    public static async Task<Answer[]> AskAsync(string model, string? adapter, string prompts)
    {
        await using LocalModel served = LocalModel.Open(model, new() { Parallel = 8, Threads = Threads, QueueLimit = 10_000 });
        if (adapter is not null)
        {
            await served.LoadAdapterAsync(adapter, "trained");
            served.DefaultAdapters = [new("trained")];
        }

        return await Task.WhenAll(Rows(prompts).Select(row => AskAsync(served, row)));
    }

    /// <summary>Which answers are right.</summary>
    public static async Task<bool[]> MarkAsync(string prompts, Answer[] answers)
    {
        var reward = new ToolCallReward();
        var right = new bool[answers.Length];
        PromptRow[] rows = Rows(prompts);
        for (int i = 0; i < right.Length; i++) right[i] = await reward.JudgeAsync(rows[i].Prompt, rows[i].Reward.GetProperty("tool_calls"), answers[i], default) == 1;
        return right;
    }

    /// <summary>Asks every case and prints how many are right, and against another model's answers case by case.</summary>
    /// <returns>Which answers are right.</returns>
    public static async Task<bool[]> PrintAsync(string name, string model, string? adapter, string prompts, bool[]? against, string other)
    {
        bool[] right = await MarkAsync(prompts, await AskAsync(model, adapter, prompts));
        Print(name, right, against, other);
        return right;
    }

    /// <summary>Prints how many answers are right, and against another model's case by case.</summary>
    public static void Print(string name, bool[] right, bool[]? against, string other)
    {
        string share = $"{right.Count(value => value)} of {right.Length} ({right.Average(value => value ? 100.0 : 0):0.0} %)";
        if (against is null)
        {
            BenchReport.PrintRow(name, share, "", "", "", "");
            return;
        }

        int won = right.Zip(against).Count(pair => pair.First && !pair.Second), lost = right.Zip(against).Count(pair => !pair.First && pair.Second);
        BenchReport.PrintRow(name, share, other, won, lost, McNemar.Exact(won, lost).ToString("0.0e0"));
    }

    /// <summary>An answer as a message of a data file.</summary>
    public static JsonObject ToMessage(Answer answer) => answer.Calls.Count == 0
        ? new() { ["role"] = "assistant", ["content"] = answer.Content }
        : ToolCase.Message(new([.. answer.Calls.Select(call => new JsonObject
        {
            ["name"] = call.Name, ["arguments"] = JsonSerializer.SerializeToNode(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions),
        })]));

    /// <summary>One thread: figures here are not timings, and others may be working.</summary>
    public static int Threads => 1;

    private static PromptRow[] Rows(string prompts) => [.. DataFile.Read(prompts, RowKind.Prompt).Rows.Cast<PromptRow>()];

    private static async Task<Answer> AskAsync(LocalModel model, PromptRow row)
    {
        ChatOptions options = new() { Tools = [.. row.Prompt.Tools], Temperature = 0, MaxOutputTokens = MostTokens, AllowMultipleToolCalls = true };
        ChatResponse response = await model.GetResponseAsync(row.Prompt.Messages, options);
        FunctionCallContent[] calls = [.. response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()];
        return new(response.Text, response.Text, calls, (int)(response.Usage?.OutputTokenCount ?? 0), response.FinishReason != ChatFinishReason.Length);
    }
}

using System.Diagnostics;
using System.Text.Json;
using AgentKit.Models;
using Microsoft.Extensions.AI;

namespace AgentKit.Bench;

/// <summary>
/// Time per token of an answer held to a JSON schema against a free one: the same model, the same number of tokens, both sides in turns. With
/// random weights the model's own choice is nearly always refused where the schema leaves little open, which is the worst case.
/// </summary>
internal static class ConstrainedBenchmark
{
    private const int Tokens = 128;
    private const int Rounds = 7;

    /// <summary>Lists without end, so that no answer is shorter than asked for.</summary>
    private static readonly (string Name, string Item)[] Schemas =
    [
        ("free strings", """{"type": "object", "properties": {"title": {"type": "string"}, "text": {"type": "string"}}, "required": ["title", "text"]}"""),
        ("short strings", """{"type": "string", "maxLength": 40}"""),
        ("pattern", """{"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "maxLength": 30}"""),
        ("enums", """{"enum": ["red", "green", "blue", "a longer one", "another"]}"""),
        ("numbers", """{"type": "number", "minimum": -50, "maximum": 1000, "multipleOf": 0.25}"""),
        ("nested arrays", """{"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}, "on": {"type": "boolean"}}, "required": ["x"]}}}"""),
        ("any JSON", "{}"),
    ];

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("vocabulary", "schema", "free, ms/token", "constrained, ms/token", "ratio (median of rounds)", "first constrained answer, extra ms");
        foreach (int vocabulary in (int[])[32_000, 152_000])
        {
            using LocalModel model = LocalModel.Open(BenchModel.Create(vocabulary), new() { Parallel = 1, ContextLength = 1024, Threads = 1 });
            await AskAsync(model, null);
            foreach ((string name, string item) in Schemas)
            {
                await RunAsync(model, vocabulary, name, item);
            }
        }
    }

    private static async Task RunAsync(LocalModel model, int vocabulary, string name, string item)
    {
        string schema = $$"""{"type": "array", "items": {{item}}, "minItems": 1000}""";
        double first = await TotalAsync(model, schema);
        double plain = await TotalAsync(model, null);
        List<(double Free, double Constrained)> rounds = [];
        for (int round = 0; round < Rounds; round++)
        {
            rounds.Add((await AskAsync(model, null), await AskAsync(model, schema)));
        }

        BenchReport.PrintRow($"{vocabulary:N0}", name, $"{BenchReport.Median(rounds.Select(r => r.Free)):0.000}",
            $"{BenchReport.Median(rounds.Select(r => r.Constrained)):0.000}", $"{BenchReport.Median(rounds.Select(r => r.Constrained / r.Free)):0.000}",
            $"{Math.Max(0, first - plain):0}");
    }

    private static async Task<double> TotalAsync(LocalModel model, string? schema)
    {
        long start = Stopwatch.GetTimestamp();
        await AskAsync(model, schema);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Milliseconds per token from the first token on.</summary>
    private static async Task<double> AskAsync(LocalModel model, string? schema)
    {
        ChatOptions options = new()
        {
            Temperature = 0,
            MaxOutputTokens = Tokens + 1,
            ResponseFormat = schema is null ? null : ChatResponseFormat.ForJsonSchema(JsonSerializer.Deserialize<JsonElement>(schema)),
        };
        (long start, long tokens) = (0, 0);
        await foreach (ChatResponseUpdate update in model.GetStreamingResponseAsync("Tell me a story.", options))
        {
            start = start == 0 ? Stopwatch.GetTimestamp() : start;
            tokens = update.Contents.OfType<UsageContent>().FirstOrDefault()?.Details.OutputTokenCount ?? tokens;
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / Math.Max(1, tokens - 1);
    }
}

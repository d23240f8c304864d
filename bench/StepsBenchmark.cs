using System.Diagnostics;
using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Bench;

/// <summary>What a decode call of some rows costs behind 2,000 tokens, by the length of a head: where attention changes its kernel, the rows get cheaper.</summary>
internal static class StepsBenchmark
{
    private const int Behind = 2000;
    private const int BatchSize = 512;
    private const int Rounds = 7;
    private static readonly int[] Rows = [1, 8, 16, 32, 48, 63, 64, 128];

    public static Task RunAsync()
    {
        NativeRuntime.Probe();
        BenchReport.PrintHeader(["head length", .. Rows.Select(rows => $"{rows} rows, ms")]);
        foreach (int headLength in (int[])[32, 64, 128])
        {
            Run(headLength);
        }

        return Task.CompletedTask;
    }

    private static void Run(int headLength)
    {
        using ModelHandle model = LlamaApi.ModelLoadFromFile(BenchModel.Create(32_000, GgmlType.F16, headLength), LlamaApi.ModelDefaultParams());
        Tokenizer tokenizer = new(model);
        using EngineContext context = new(model, tokenizer, new(Behind + BatchSize, Behind + BatchSize, 1, BatchSize, CpuQuota.UsableCpus));
        using TokenBatch batch = new(BatchSize, tokenizer.VocabularySize);
        for (int position = 0; position < Behind; position += BatchSize)
        {
            Decode(context, batch, position, Math.Min(BatchSize, Behind - position));
        }

        List<object> cells = [headLength];
        foreach (int rows in Rows)
        {
            List<double> rounds = [];
            for (int round = -1; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                Decode(context, batch, Behind, rows);
                if (round >= 0)
                {
                    rounds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                context.Trim(0, Behind);
            }

            cells.Add($"{BenchReport.Median(rounds):0.0}");
        }

        BenchReport.PrintRow([.. cells]);
    }

    private static void Decode(EngineContext context, TokenBatch batch, int position, int rows)
    {
        batch.Clear();
        for (int i = 0; i < rows; i++)
        {
            batch.Add(300 + ((position + i) * 7 % 3000), position + i, 0, output: i == rows - 1);
        }

        if (!context.TryDecode(batch))
        {
            throw new InvalidOperationException("The KV memory is full.");
        }
    }
}

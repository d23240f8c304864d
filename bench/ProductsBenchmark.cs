using AgentKit.Models.Gguf;
using AgentKit.Training.Engine;

namespace AgentKit.Bench;

/// <summary>Ways of multiplying matrices in training beside each other: a layer's products forward and back, and the forward product alone with frozen weights of other types.</summary>
internal static class ProductsBenchmark
{
    private const int Tokens = 256, Rounds = 9, Nodes = 8;

    private static readonly (int Inputs, int Outputs)[] Layers = [(256, 704), (512, 1536), (512, 2048)];

    private static readonly GgmlType[] FrozenTypes = [GgmlType.F32, GgmlType.BF16, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0];

    public static void Run()
    {
        Console.WriteLine($"{Tokens} tokens; y = W·x and both derivatives, the fastest of some rounds in turn. Differences are of the derivatives, relative to their length.");
        Console.WriteLine();
        BenchReport.PrintHeader("layer", "threads", "products", "GFLOP/s", "against the first", "difference", "taken");
        foreach ((int inputs, int outputs) in Layers)
        {
            foreach (int threads in (int[])[1, 2]) PrintWays(inputs, outputs, threads);
        }

        Console.WriteLine();
        Console.WriteLine($"{Tokens} tokens; y = W·x by ggml with frozen weights of a type, one thread, beside our own product of single precision.");
        Console.WriteLine();
        BenchReport.PrintHeader("layer", "weights", "GFLOP/s", "against own");
        foreach ((int inputs, int outputs) in Layers) PrintFrozen(inputs, outputs);
    }

    private static void PrintWays(int inputs, int outputs, int threads)
    {
        IReadOnlyList<ProductTime> times = ProductChoice.Measure(ProductChoice.Available, inputs, outputs, threads);
        ProductPath taken = ProductChoice.Fastest(times);
        foreach (ProductTime time in times)
        {
            BenchReport.PrintRow(
                $"{inputs} to {outputs}", $"{threads}", $"{time.Path}", $"{time.Rate / 1e9:0}", $"{times[0].Seconds / time.Seconds:0.00}", $"{time.Difference:0.0e+0}",
                time.Path == taken ? "yes" : "");
        }
    }

    private static void PrintFrozen(int inputs, int outputs)
    {
        double own = Forward(ProductPath.Own, GgmlType.F32, inputs, outputs);
        BenchReport.PrintRow($"{inputs} to {outputs}", "F32, own", $"{own / 1e9:0}", "1.00");
        foreach (GgmlType type in FrozenTypes)
        {
            double rate = Forward(ProductPath.Ggml, type, inputs, outputs);
            BenchReport.PrintRow($"{inputs} to {outputs}", $"{type}", $"{rate / 1e9:0}", $"{rate / own:0.00}");
        }
    }

    /// <summary>Operations a second. The numbers do not matter for that, and zeros are zeros in every type.</summary>
    private static double Forward(ProductPath path, GgmlType type, int inputs, int outputs)
    {
        using GgmlBackend backend = GgmlBackend.OpenCpu(1, path);
        using TensorSet tensors = new(3);
        nint weight = tensors.Add(type, inputs, outputs), x = tensors.Add(GgmlType.F32, inputs, Tokens), y = tensors.Add(GgmlType.F32, outputs, Tokens);
        tensors.Allocate(backend).Clear();
        using Tape tape = new(backend, Nodes);
        tape.Store(tape.Product(weight, x), y);
        tape.Run();
        double best = double.PositiveInfinity;
        for (int round = 0; round < Rounds; round++)
        {
            long start = TimeProvider.System.GetTimestamp();
            tape.Run();
            best = Math.Min(best, TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * inputs * outputs * Tokens / best;
    }
}

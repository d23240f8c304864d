using AgentKit.Training.Engine;

namespace AgentKit.Bench;

/// <summary>Ways of multiplying matrices in training beside each other: a layer's products forward and back.</summary>
internal static class ProductsBenchmark
{
    private static readonly (int Inputs, int Outputs)[] Layers = [(256, 704), (512, 1536), (512, 2048)];

    public static void Run()
    {
        Console.WriteLine("256 tokens; y = W·x and both derivatives, the fastest of five rounds in turn. Differences are of the derivatives, relative to their length.");
        Console.WriteLine();
        BenchReport.PrintHeader("layer", "threads", "products", "GFLOP/s", "against the first", "difference", "chosen");
        foreach ((int inputs, int outputs) in Layers)
        {
            foreach (int threads in (int[])[1, 2])
            {
                IReadOnlyList<ProductTime> times = ProductChoice.Measure(ProductChoice.Available, inputs, outputs, threads);
                ProductPath chosen = ProductChoice.Fastest(times);
                foreach (ProductTime time in times)
                {
                    BenchReport.PrintRow(
                        $"{inputs} to {outputs}", $"{threads}", $"{time.Path}", $"{time.Rate / 1e9:0}", $"{times[0].Seconds / time.Seconds:0.00}", $"{time.Difference:0.0e+0}",
                        time.Path == chosen ? "yes" : "");
                }
            }
        }
    }
}

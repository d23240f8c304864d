using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Training.Scaling;

public sealed class TrainScalingCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Scaling_OfRunsThatStoppedEarly_TakesTheirBestLossAndTheTokensUpToIt()
    {
        string plain = await FitAsync("plain", (tokens, loss) => $"\"steps\":50,\"tokens\":{tokens},\"eval_loss_last\":{loss}");
        string early = await FitAsync(
            "early", (tokens, loss) => $"\"steps\":100,\"tokens\":{2 * tokens},\"eval_loss_last\":9,\"best_eval\":{loss},\"best_step\":50");
        Assert.Equal(plain, early);
    }

    [Fact]
    public async Task Scaling_OfARunThatOnlyBecameWorse_NamesIt()
    {
        string folder = Write("worse", 1000, "\"steps\":3,\"tokens\":10,\"eval_loss_last\":9,\"best_eval\":8,\"best_step\":0");
        CliRun run = await CliRun.OfAsync("train", "scaling", folder, "--budget", "1e18");
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("never became better than its first weights", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scaling_PageThatIsThere_NeedsForce()
    {
        string folder = Write("one", 1000, "\"steps\":3,\"tokens\":10,\"eval_loss_last\":9"), page = _folder.Write("page.html", "kept");
        foreach ((string file, string expected) in ((string, string)[])[(page, "--force"), (_folder.Path, "is a folder"), (_folder["none/page.html"], "does not exist")])
        {
            CliRun run = await CliRun.OfAsync("train", "scaling", folder, "--budget", "1e18", "--out", file);
            Assert.Equal(ExitCode.WrongInput, run.ExitCode);
            Assert.StartsWith("error: --out", run.Error, StringComparison.Ordinal);
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        }

        Assert.Equal("kept", File.ReadAllText(page));
    }

    private async Task<string> FitAsync(string name, Func<long, string, string> summary)
    {
        List<string> folders = [];
        foreach (double n in (double[])[1e5, 3e5, 1e6])
        {
            foreach (long d in (long[])[1_000_000, 4_000_000, 16_000_000])
            {
                double loss = 1.69 + (406.4 / Math.Pow(n, 0.34)) + (410.7 / Math.Pow(d, 0.28));
                folders.Add(Write($"{name}-{n}-{d}", n, summary(d, FormattableString.Invariant($"{loss}"))));
            }
        }

        CliRun run = await CliRun.OfAsync(["train", "scaling", .. folders, "--budget", "1e18", "--json"]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        return run.Out;
    }

    private string Write(string name, double parameters, string summary)
    {
        string numbers = FormattableString.Invariant($"\"parameters\":{parameters},\"non_embedding_parameters\":{parameters}");
        return Path.GetDirectoryName(_folder.Write(Path.Combine(name, "result.json"), $"{{{numbers},\"summary\":{{{summary}}}}}"))!;
    }
}

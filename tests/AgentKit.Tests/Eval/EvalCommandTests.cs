using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public sealed class EvalCommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _hypotheses;
    private readonly string _reference;

    public EvalCommandTests()
    {
        _hypotheses = _folder.Write("hyp.txt", "The dog bit the man.\nIt wasn't surprising.\nThe man had just bitten him.\n");
        _reference = _folder.Write("ref.txt", "The dog had bit the man.\r\nNo one was surprised.\r\nThe man had bitten the dog.\r\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bleu", "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", 48.530827009929865)]
    [InlineData("chrf", "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0", 59.72751782684763)]
    [InlineData("chrf++", "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0", 59.15310444399262)]
    [InlineData("ter", "nrefs:2|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0", 40.0)]
    public async Task Score_TwoReferences_PrintsThePublishedScoreAndSignature(string metric, string signature, double expected)
    {
        string other = _folder.Write("ref2.txt", "The dog bit the man.\nIt was not unexpected.\nThe man bit him first.\n");
        JsonElement result = await JsonAsync("eval", "score", metric, "--hyp", _hypotheses, "--ref", other, "--ref", _reference);
        Assert.Equal(metric, result.GetProperty("metric").GetString());
        Assert.Equal(expected, result.GetProperty("score").GetDouble(), 1e-9);
        Assert.Equal(signature, result.GetProperty("signature").GetString());
        Assert.Equal(3, result.GetProperty("segments").GetInt32());
        Assert.Equal(2, result.GetProperty("ci95").GetArrayLength());
    }

    [Fact]
    public async Task Score_Sentence_ListsEveryLineAndTheirMean()
    {
        JsonElement result = await JsonAsync("eval", "score", "bleu", "--hyp", _hypotheses, "--ref", _reference, "--sentence");
        double[] scores = [.. result.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())];
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.Average(), result.GetProperty("score").GetDouble(), 1e-12);
        Assert.Contains("eff:yes", result.GetProperty("signature").GetString(), StringComparison.Ordinal);
        CliRun text = await CliRun.OfAsync("eval", "score", "bleu", "--hyp", _hypotheses, "--ref", _reference, "--sentence");
        Assert.Equal(3, text.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("bootstrap")]
    [InlineData("randomization")]
    public async Task Score_Baseline_TellsDifferenceAndPValue(string test)
    {
        JsonElement result = await JsonAsync(
            "eval", "score", "chrf", "--hyp", _hypotheses, "--ref", _reference, "--baseline", _reference, "--test", test, "--resamples",
                "100");
        JsonElement baseline = result.GetProperty("baseline");
        Assert.Equal(100, baseline.GetProperty("score").GetDouble(), 1e-9);
        Assert.Equal(result.GetProperty("score").GetDouble() - 100, baseline.GetProperty("difference").GetDouble(), 1e-9);
        Assert.InRange(baseline.GetProperty("p_value").GetDouble(), 1.0 / 101, 1);
    }

    [Theory]
    [InlineData("--tokenize", "chrf", "--tokenize", "none")]
    [InlineData("--normalized", "bleu", "--normalized")]
    [InlineData("--smooth-value", "bleu", "--smooth-value", "1")]
    [InlineData("--smooth-value", "bleu", "--smooth", "floor", "--smooth-value", "-1")]
    [InlineData("--case-sensitive", "ter", "--case-sensitive", "--lowercase")]
    [InlineData("--resamples", "bleu", "--resamples", "5")]
    [InlineData("'klingon'", "bleu", "--tokenize", "klingon")]
    [InlineData("'meteor'", "meteor")]
    [InlineData("--baseline", "bleu", "--sentence", "--baseline", "x")]
    public async Task Score_WrongOption_NamesItAndExitsWithTwo(string named, params string[] options)
    {
        CliRun run = await CliRun.OfAsync(["eval", "score", .. options, "--hyp", _hypotheses, "--ref", _reference]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Score_WrongFiles_NameFileAndLine()
    {
        Assert.Contains("2 lines", await ErrorAsync(_folder.Write("two", "a\nb\n")), StringComparison.Ordinal);
        Assert.Contains("line 3", await ErrorAsync(_folder.Write("two", "a\nb\n")), StringComparison.Ordinal);
        Assert.Contains("is empty", await ErrorAsync(_folder.Write("empty", "")), StringComparison.Ordinal);
        Assert.Contains("line 2 is empty", await ErrorAsync(_folder.Write("gap", "a\n\nc\n")), StringComparison.Ordinal);
        Assert.Contains("no file", await ErrorAsync(_folder["nowhere"]), StringComparison.Ordinal);
        Assert.Contains("directory", await ErrorAsync(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("line 2", await ErrorAsync(
            _folder.Write("latin", [(byte)'a', (byte)'\n', 0xe4, (byte)'\n', (byte)'c'])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FILE", "nowhere.txt")]
    [InlineData("--ctx", "ref.txt", "--ctx", "3")]
    [InlineData("--ctx", "ref.txt", "--ctx", "1000000")]
    [InlineData("--parallel", "ref.txt", "--parallel", "0")]
    [InlineData("--ngram", "ref.txt", "--ngram", "9")]
    [InlineData("sideways", "ref.txt", "--mode", "sideways")]
    public async Task Ppl_WrongInput_NamesItAndExitsWithTwo(string named, string file, params string[] options)
    {
        CliRun run = await CliRun.OfAsync(["eval", "ppl", _folder[file], .. options]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [NativeFact]
    public async Task Ppl_BothModes_PrintTheFieldsOfTheContract()
    {
        string text = _folder.Write(
            "text", string.Concat(Enumerable.Range(0, 40).Select(i => $"Line {i} of a text about nothing much.\n")));
        foreach (string mode in (string[])["chunks", "rolling"])
        {
            JsonElement result = await JsonAsync("eval", "ppl", text, "--ctx", "64", "--mode", mode);
            Assert.Equal(Math.Exp(result.GetProperty("nll").GetDouble()), result.GetProperty("ppl").GetDouble(), 1e-9);
            Assert.Equal(64, result.GetProperty("n_ctx").GetInt32());
            Assert.Equal(64, result.GetProperty("dataset_sha256").GetString()!.Length);
            Assert.True(result.GetProperty("ppl_stderr").GetDouble() > 0);
            double ppl = result.GetProperty("ppl").GetDouble(), lower = result.GetProperty("ci95")[0].GetDouble(), upper = result.GetProperty("ci95")[1].GetDouble();
            Assert.Equal(ppl, Math.Sqrt(lower * upper), 1e-9 * ppl);
            Assert.Equal(Math.Exp(2 * 1.959963984540054 * result.GetProperty("ppl_stderr").GetDouble() / ppl), upper / lower, 1e-9 * upper / lower);
            Assert.True(result.GetProperty("tokens_scored").GetInt32() > 0);
            Assert.True(result.GetProperty("chunks").GetInt32() > 0);
            Assert.Contains($"mode:{mode}|", result.GetProperty("signature").GetString(), StringComparison.Ordinal);
            Assert.Equal(mode == "rolling", result.TryGetProperty("bits_per_byte", out _));
        }
    }

    [NativeFact]
    public async Task Ppl_ShortText_SaysHowMuchIsNeeded()
    {
        CliRun run = await CliRun.OfAsync("eval", "ppl", _reference);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("ref.txt", run.Error, StringComparison.Ordinal);
        Assert.Contains("1,024 are needed", run.Error, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Kld_ModelWithItself_PrintsTheFieldsOfTheContract()
    {
        string text = _folder.Write(
            "text", string.Concat(Enumerable.Range(0, 40).Select(i => $"Line {i} of a text about nothing much.\n")));
        JsonElement result = await JsonAsync("eval", "kld", text, "--base", "nano", "--ctx", "64");
        Assert.Equal(0, result.GetProperty("kld_mean").GetDouble(), 1e-4);
        Assert.Equal(1, result.GetProperty("top1_agreement").GetDouble(), 0.02);
        Assert.Equal(1, result.GetProperty("ppl_ratio").GetDouble(), 1e-3);
        Assert.Equal(10, result.GetProperty("kld_percentiles").EnumerateObject().Count());
    }

    [Theory]
    [InlineData("--base", "--base", "no-such-model")]
    [InlineData("--ctx", "--base", "nano", "--ctx", "2")]
    [InlineData("--base")]
    public async Task Kld_WrongInput_NamesItAndExitsWithTwo(string named, params string[] options)
    {
        CliRun run = await CliRun.OfAsync(["eval", "kld", _reference, .. options]);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(params string[] args)
    {
        CliRun run = await CliRun.OfAsync([.. args, "--json", "--quiet"]);
        Assert.Equal("", run.Error);
        Assert.Equal(ExitCode.Done, run.ExitCode);
        return JsonDocument.Parse(run.Out).RootElement;
    }

    private async Task<string> ErrorAsync(string reference)
    {
        CliRun run = await CliRun.OfAsync("eval", "score", "bleu", "--hyp", _hypotheses, "--ref", reference);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(reference, run.Error, StringComparison.Ordinal);
        return run.Error;
    }
}

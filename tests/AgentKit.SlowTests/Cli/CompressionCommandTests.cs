using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentKit.Models.Quantization;
using AgentKit.SlowTests.Training;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Cli;

public sealed class CompressionCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();
    private readonly ScratchFolder _scratch = new();
    private readonly string _calibration, _heldOut;

    public CompressionCommandTests()
    {
        _calibration = _scratch.Write("calibration.txt", ToolChats.Create(seed: 4, conversations: 12));
        _heldOut = _scratch.Write("heldout.txt", ToolChats.Create(seed: 5, conversations: 6));
    }

    public void Dispose()
    {
        _cli.Dispose();
        _scratch.Dispose();
    }

    [SmallDiskFact]
    public async Task Quantize_FullDisk_SaysSoAndLeavesNothing()
    {
        string disk = Directory.CreateDirectory(_scratch["disk"]).FullName;
        string script = $"mount -t tmpfs -o size=1m tmpfs '{disk}' || exit 99; dotnet '{ChildCli.Program}' model quantize nano '{disk}/small.gguf' Q4_0 --requantize; "
            + $"code=$?; ls '{disk}'; exit $code";
        ProcessStartInfo start = new("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AGENTKIT_HOME"] = _cli.Home;
        using Process run = Process.Start(start)!;
        Task<string> output = run.StandardOutput.ReadToEndAsync();
        string error = await run.StandardError.ReadToEndAsync();
        Assert.Equal("", await output);
        await run.WaitForExitAsync();
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("could not be written; is the disk full?", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImatrixQuantizePrune_ShippedModel_GiveTheFieldsOfTheContract()
    {
        string imatrix = _scratch["imatrix.gguf"], small = _scratch["small.gguf"], sparse = _scratch["sparse.gguf"];
        string[] reading = ["--ctx", "256", "--parse-special", "--threads", "1"];
        (int made, JsonElement matrix, _) = await _cli.RunJsonAsync(["model", "imatrix", "nano", "--text", _calibration, "--out", imatrix, .. reading]);
        Assert.Equal((0, 42, 256), (made, matrix.GetProperty("entries").GetInt32(), matrix.GetProperty("n_ctx").GetInt32()));
        Assert.Equal(0, matrix.GetProperty("resumed_from").GetInt32());

        (int quantized, JsonElement result, string error) = await _cli.RunJsonAsync(
            ["model", "quantize", "nano", small, "IQ4_XS", "--requantize", "--imatrix", imatrix, "--kld", _heldOut, .. reading]);
        Assert.Equal(0, quantized);
        Assert.Empty(result.GetProperty("without_importance").EnumerateArray());
        JsonElement kld = result.GetProperty("kld");
        Assert.InRange(kld.GetProperty("kld_mean").GetDouble(), 1e-4, 0.3);
        Assert.InRange(kld.GetProperty("top1_agreement").GetDouble(), 0.8, 1);
        Assert.InRange(kld.GetProperty("ppl_ratio").GetDouble(), 0.8, 1.3);
        Assert.Equal(new FileInfo(small).Length, kld.GetProperty("bytes_after").GetInt64());
        Assert.DoesNotContain("calibration text", error, StringComparison.Ordinal);
        using JsonDocument stored = JsonDocument.Parse(File.ReadAllText(small + ".kld.json"));
        Assert.Equal(kld.GetProperty("kld_mean").GetDouble(), stored.RootElement.GetProperty("kld_mean").GetDouble());

        // Another copy under the same name: the report of the one before it goes.
        (int again, JsonElement plain, _) = await _cli.RunJsonAsync(["model", "quantize", "nano", small, "Q4_0", "--requantize", "--force"]);
        Assert.Equal((0, false), (again, plain.TryGetProperty("kld", out _)));
        Assert.False(File.Exists(small + ".kld.json"));

        (int pruned, JsonElement prune, error) = await _cli.RunJsonAsync(
            ["model", "prune", "nano", sparse, "--pattern", "2:4", "--text", _calibration, "--kld", _calibration, .. reading]);
        Assert.Equal(0, pruned);
        Assert.Equal(("wanda", "2:4", "layerwise"), (Text(prune, "method"), Text(prune, "pattern"), Text(prune, "activations")));
        Assert.Equal(Text(matrix, "dataset_sha256"), Text(prune, "calibration_sha256"));
        Assert.InRange(prune.GetProperty("sparsity").GetDouble(), 0.5, 0.6);
        Assert.Equal(prune.GetProperty("sparsity").GetDouble(), prune.GetProperty("kld").GetProperty("sparsity_after").GetDouble());
        Assert.True(prune.GetProperty("kld").GetProperty("on_calibration_text").GetBoolean());
        Assert.Contains("this is the calibration text", error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Imatrix_CtrlC_EndsWith130AndResumeGoesOn()
    {
        string imatrix = _scratch["imatrix.gguf"], text = _scratch.Write("long.txt", ToolChats.Create(seed: 6, conversations: 200));
        string[] command = ["model", "imatrix", "nano", "--text", text, "--out", imatrix, "--ctx", "128", "--parse-special", "--threads", "1"];
        using (Process process = _cli.Start(command))
        {
            while (await process.StandardError.ReadLineAsync() is { } line && !line.Contains("reading", StringComparison.Ordinal)) Assert.NotNull(line);
            Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
            string error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("--resume", error, StringComparison.Ordinal);
        }

        int done = ImportanceMatrix.Read(imatrix).Chunks;
        (int exitCode, JsonElement resumed, _) = await _cli.RunJsonAsync([.. command, "--resume", "--chunks", $"{done + 2}"]);
        Assert.Equal((0, done, done + 2), (exitCode, resumed.GetProperty("resumed_from").GetInt32(), resumed.GetProperty("chunks").GetInt32()));
    }

    private static string? Text(JsonElement element, string field) => element.GetProperty(field).GetString();
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Cli;

public sealed class ModelCommandTests : IDisposable
{
    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Info_ShippedModel_HasTheFieldsOfTheContract()
    {
        (int exitCode, JsonElement info, _) = await _cli.RunJsonAsync("model", "info");
        Assert.Equal(0, exitCode);
        Assert.Equal("llama", info.GetProperty("architecture").GetString());
        Assert.Equal((6, 8, 4), (info.GetProperty("layers").GetInt32(), info.GetProperty("heads").GetInt32(), info.GetProperty("kv_heads").GetInt32()));
        Assert.Equal((1024, 2048), (info.GetProperty("context_length").GetInt32(), info.GetProperty("vocab").GetInt32()));
        // 6 layers, 4 heads of 32 for keys and for values, 2 bytes each.
        Assert.Equal(6 * 4 * 32 * 2 * 2, info.GetProperty("kv_bytes_per_token").GetProperty("f16").GetInt32());
        Assert.Equal("json_native", info.GetProperty("tool_syntax").GetString());
        Assert.Contains("im_start", info.GetProperty("chat_template").GetString(), StringComparison.Ordinal);
        Assert.InRange(info.GetProperty("parameters").GetInt64(), 4_900_000, 5_000_000);
        Assert.NotEmpty(info.GetProperty("devices").EnumerateArray());
    }

    [Fact]
    public async Task Tokenize_Text_GivesIdsAndTextsThatJoinToIt()
    {
        const string text = "What is 347 plus 518?";
        (int exitCode, JsonElement result, _) = await _cli.RunJsonAsync("model", "tokenize", text);
        Assert.Equal(0, exitCode);
        JsonElement[] tokens = [.. result.GetProperty("tokens").EnumerateArray()];
        Assert.Equal(text, string.Concat(tokens.Select(token => token.GetProperty("text").GetString())));
        Assert.All(tokens, token => Assert.InRange(token.GetProperty("id").GetInt32(), 0, 2047));
    }

    [Fact]
    public async Task Fit_ShippedModel_HasItsFieldsAndAgreesWithTheDryRun()
    {
        (int exitCode, JsonElement fit, _) = await _cli.RunJsonAsync("model", "fit", "nano", "--ctx", "1024", "--parallel", "4", "--memory", "8GB");
        Assert.Equal(0, exitCode);
        Assert.True(fit.GetProperty("fits").GetBoolean());
        Assert.True(fit.GetProperty("dry_run").GetProperty("agrees").GetBoolean());
        Assert.Equal("f16", fit.GetProperty("kv_type").GetString());
        Assert.Equal(8_000_000_000, fit.GetProperty("memory_bytes").GetInt64());
        Assert.Equal(4 * 1024 * 6 * 4 * 32 * 2 * 2, fit.GetProperty("kv_bytes").GetInt64());
    }

    [Fact]
    public async Task Fit_TooLittleMemory_EndsWithOneAndSaysWhy()
    {
        (int exitCode, JsonElement fit, _) = await _cli.RunJsonAsync("model", "fit", "nano", "--ctx", "1024", "--memory", "1MiB");
        Assert.Equal(1, exitCode);
        Assert.False(fit.GetProperty("fits").GetBoolean());
        Assert.Contains("Does not fit", fit.GetProperty("notes").EnumerateArray().Last().GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullListQuantizeChat_FromAHub_WorkByName()
    {
        using var hub = new FaultyHub();
        hub.Files["tiny.gguf"] = TestModel.CreateBytes(new() { Embedding = 256, Heads = 4, KvHeads = 2, FeedForward = 512, Type = GgmlType.F16 });
        hub.Next((_, reply) => reply with { CutAfter = 100_000 });
        _cli.Environment["AGENTKIT_HUB"] = hub.Address.ToString();
        (int pulled, JsonElement pull, _) = await _cli.RunJsonAsync("model", "pull", hub.Repository);
        Assert.Equal(0, pulled);
        Assert.Equal("tiny", pull.GetProperty("model").GetString());
        Assert.True(pull.GetProperty("files")[0].GetProperty("verified").GetBoolean());

        (_, JsonElement list, _) = await _cli.RunJsonAsync("model", "list");
        JsonElement tiny = list.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == "tiny");
        Assert.Equal(("F16", hub.Files["tiny.gguf"].Length), (tiny.GetProperty("quantization").GetString(), tiny.GetProperty("bytes").GetInt64()));

        string small = Path.Combine(_cli.Home, "models", "small.gguf");
        (int quantized, JsonElement result, _) = await _cli.RunJsonAsync("model", "quantize", "tiny", small, "q4_k_m");
        Assert.Equal(0, quantized);
        Assert.True(result.GetProperty("bytes_after").GetInt64() < result.GetProperty("bytes_before").GetInt64() / 2);
        (int answered, JsonElement chat, _) = await _cli.RunJsonAsync("chat", "-m", "small", "-p", "hello", "--ctx", "64", "--threads", "1");
        Assert.Equal(0, answered);
        Assert.True(chat.GetProperty("usage").GetProperty("output_tokens").GetInt64() > 0);
    }

    [Fact]
    public async Task Pull_SeveralModels_EndsWithTwoAndListsThem()
    {
        using var hub = new FaultyHub();
        (hub.Files["a.gguf"], hub.Files["b.gguf"]) = (new byte[10], new byte[10]);
        _cli.Environment["AGENTKIT_HUB"] = hub.Address.ToString();
        (int exitCode, _, string error) = await _cli.RunAsync(null, "model", "pull", hub.Repository);
        Assert.Equal(2, exitCode);
        Assert.Contains("a.gguf (0.00 GB), b.gguf (0.00 GB)", error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Pull_CtrlC_EndsWith130AndTheNextOneGoesOn()
    {
        using var hub = new FaultyHub();
        hub.Files["a.gguf"] = new byte[300_000];
        hub.Next((_, reply) => reply with { CutAfter = 100_000 }, (_, reply) => reply with { Before = Task.Delay(Timeout.Infinite) });
        _cli.Environment["AGENTKIT_HUB"] = hub.Address.ToString();
        using (Process process = _cli.Start("model", "pull", hub.Repository))
        {
            while (hub.Downloads.Length < 2) await Task.Delay(20);
            Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
            string error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("run the same command again to go on", error, StringComparison.Ordinal);
        }

        (int exitCode, JsonElement pull, _) = await _cli.RunJsonAsync("model", "pull", hub.Repository);
        Assert.Equal(0, exitCode);
        Assert.Equal(100_000, pull.GetProperty("files")[0].GetProperty("resumed_from").GetInt64());
    }

    [UnixFact]
    public async Task Quantize_CtrlC_EndsWith130AndLeavesNoFile()
    {
        string input = TestModel.Create(
            Path.Combine(_cli.Home, "in.gguf"), new() { Layers = 16, Embedding = 1024, Heads = 16, FeedForward = 4096, Type = GgmlType.F16 });
        using Process process = _cli.Start("model", "quantize", input, Path.Combine(_cli.Home, "out.gguf"), "Q3_K_M");
        while (await process.StandardError.ReadLineAsync() is { } line && !line.Contains("tensors", StringComparison.Ordinal)) Assert.NotEmpty(line);
        Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("nothing was written", error, StringComparison.Ordinal);
        Assert.Equal([input], Directory.GetFiles(_cli.Home, "*.gguf*"));
    }

    [Theory]
    [InlineData("--ctx", "0")]
    [InlineData("--ctx", "1000000")]
    [InlineData("--threads", "0")]
    [InlineData("--kv", "q9")]
    [InlineData("--kv", "1")]
    public async Task Bench_OptionOutOfRange_EndsWithTwoAndNamesIt(string option, string value)
    {
        (int exitCode, _, string error) = await _cli.RunAsync(null, "model", "bench", option, value);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"error: {option}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_ShippedModel_GivesPositiveRates()
    {
        (int exitCode, JsonElement bench, _) = await _cli.RunJsonAsync("model", "bench", "--prompt-tokens", "64", "--output-tokens", "16");
        Assert.Equal(0, exitCode);
        Assert.True(bench.GetProperty("prefill_tps").GetDouble() > 0);
        Assert.True(bench.GetProperty("decode_tps").GetDouble() > 0);
        Assert.Equal([1, 2, 4, 8], bench.GetProperty("parallel").EnumerateArray().Select(row => row.GetProperty("n").GetInt32()));
        Assert.All(bench.GetProperty("parallel").EnumerateArray(), row => Assert.True(row.GetProperty("tps").GetDouble() > 0));
    }
}

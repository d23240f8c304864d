using System.Text.Json;

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

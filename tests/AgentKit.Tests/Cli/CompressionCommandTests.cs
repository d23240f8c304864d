using AgentKit.Testing;

namespace AgentKit.Tests.Cli;

public sealed class CompressionCommandTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("--text", "model imatrix nano --text FILE --out FILE --force")]
    [InlineData("--kld", "model quantize nano FILE Q4_0 --requantize --force --kld FILE")]
    [InlineData("--imatrix", "model quantize nano FILE Q4_0 --requantize --force --imatrix FILE")]
    [InlineData("--text", "model prune nano FILE --force --text FILE")]
    public async Task Commands_OutputThatIsRead_IsRefusedAndKept(string option, string line)
    {
        string file = _scratch.Write("read.txt", "some text");
        CliRun run = await CliRun.OfAsync([.. line.Split(' ').Select(word => word == "FILE" ? file : word)]);
        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        Assert.StartsWith($"error: OUT is the file of {option}, ", run.Error, StringComparison.Ordinal);
        Assert.Equal("some text", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("--text", "model imatrix nano --out OUT")]
    [InlineData("--text", "model imatrix nano --out OUT --text missing.txt")]
    [InlineData("--text", "model imatrix nano --out OUT --text EMPTY")]
    [InlineData("--text", "model imatrix nano --out OUT --text BLANK")]
    [InlineData("--ctx", "model imatrix nano --out OUT --text TEXT --ctx 15")]
    [InlineData("--chunks", "model imatrix nano --out OUT --text TEXT --chunks 0")]
    [InlineData("--resume", "model imatrix nano --out OUT --text TEXT --resume --force")]
    [InlineData("--process-output", "model imatrix nano --out OUT --text TEXT --process-output")]
    [InlineData("--ctx", "model quantize nano OUT Q4_0 --requantize --ctx 2048")]
    [InlineData("--parse-special", "model quantize nano OUT Q4_0 --requantize --parse-special")]
    [InlineData("--kld", "model quantize nano OUT Q4_0 --requantize --kld TEXT")]
    [InlineData("--chunks", "model prune nano OUT --method magnitude --chunks 0")]
    [InlineData("--ctx", "model prune nano OUT --method magnitude --ctx 64")]
    [InlineData("--parse-special", "model prune nano OUT --method magnitude --parse-special")]
    [InlineData("MODEL", "model imatrix none-such --out OUT --text TEXT")]
    [InlineData("OUT", "model imatrix nano --out BLANK --text TEXT")]
    [InlineData("--imatrix", "model quantize nano OUT IQ2_XXS --requantize")]
    [InlineData("--imatrix", "model quantize nano OUT Q4_0 --requantize --imatrix missing.gguf")]
    [InlineData("--imatrix", "model quantize nano OUT Q4_0 --requantize --imatrix TEXT")]
    [InlineData("--imatrix", "model quantize nano OUT Q4_0 --requantize --imatrix NANO")]
    [InlineData("--kld", "model quantize nano OUT Q4_0 --requantize --kld missing.txt")]
    [InlineData("--ctx", "model quantize nano OUT Q4_0 --requantize --kld TEXT --ctx 2000")]
    [InlineData("--ctx", "model prune nano OUT --method magnitude --kld TEXT --ctx 3")]
    [InlineData("--method", "model prune nano OUT")]
    [InlineData("--method", "model prune nano OUT --method magnitude --text TEXT")]
    [InlineData("--text", "model prune nano OUT --text BLANK")]
    [InlineData("--pattern", "model prune nano OUT --method magnitude --pattern 4:2")]
    [InlineData("--sparsity", "model prune nano OUT --method magnitude --sparsity 1.5")]
    [InlineData("--sparsity", "model prune nano OUT --method magnitude --pattern 2:4 --sparsity 0.6")]
    [InlineData("--type", "model prune nano OUT --method magnitude --type Q4_K")]
    [InlineData("OUT", "model prune COPY COPY --method magnitude --force")]
    public async Task Commands_WrongInput_EndWithTwoAndNameIt(string option, string line)
    {
        _scratch.Write("text.txt", "some text");
        _scratch.Write("blank.txt", " \n ");
        _scratch.Write("empty.txt", "");
        File.Copy(ShippedModel.Path, _scratch["copy.gguf"]);
        string[] args = line.Split(' ');
        for (int i = 0; i < args.Length; i++)
        {
            args[i] = args[i] switch
            {
                "OUT" => _scratch["out.gguf"],
                "TEXT" => _scratch["text.txt"],
                "BLANK" => _scratch["blank.txt"],
                "EMPTY" => _scratch["empty.txt"],
                "NANO" => ShippedModel.Path,
                "COPY" => _scratch["copy.gguf"],
                _ => args[i],
            };
        }

        CliRun run = await CliRun.OfAsync(args);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"error: {option}", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
        Assert.False(File.Exists(_scratch["out.gguf"]));
    }
}

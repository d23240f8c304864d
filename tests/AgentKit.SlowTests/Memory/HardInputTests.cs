using System.Text.Json;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Memory;

/// <summary>A folder with everything that breaks ingests: each file is right or has a clear message, and the rest goes on.</summary>
public sealed class HardInputTests : IDisposable
{
    private const int HugeLine = 100 * 1024 * 1024;

    private readonly ChildCli _cli = new();
    private readonly string _docs;

    public HardInputTests() => _docs = Directory.CreateDirectory(Path.Combine(_cli.Home, "docs")).FullName;

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Add_HardFiles_ReportsThoseThatCannotBeReadAndIndexesTheRest()
    {
        Write("empty.md", []);
        Write("one.md", "# Same\n\nEqual walrus text.\n"u8);
        Write("two.md", "# Same\n\nEqual walrus text.\n"u8);
        Write("latin.txt", [0x63, 0x61, 0x66, 0xE9]);
        Write("bomb.docx", OfficeFiles.ZipBomb());
        Write("locked.docx", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0]);
        Write("page.html", "<html><head><script>var evil = 'trackingword';</script><style>p{}</style></head><body><h1>Zoo</h1><p>The otter swims.</p></body></html>"u8);
        Write("paper.pdf", PdfFiles.Document("The narwhal has one tusk."));
        (int exitCode, JsonElement added, _) = await _cli.RunJsonAsync("index", "add", _docs);
        Dictionary<string, string> faults = added.GetProperty("errors").EnumerateArray().ToDictionary(
            fault => Path.GetFileName(fault.GetProperty("source").GetString()!), fault => fault.GetProperty("message").GetString()!);
        bool readsPdf = !faults.Remove("paper.pdf", out string? why);
        Assert.True(readsPdf || why!.Contains("pdftotext", StringComparison.Ordinal), why);
        Assert.Equal(1, exitCode);
        Assert.Equal(["bomb.docx", "latin.txt", "locked.docx"], faults.Keys.Order());
        Assert.Contains("unpacks to more than", faults["bomb.docx"], StringComparison.Ordinal);
        Assert.Contains("not UTF-8", faults["latin.txt"], StringComparison.Ordinal);
        Assert.Contains("password", faults["locked.docx"], StringComparison.Ordinal);
        Assert.Equal(["one.md", "two.md"], await FindAsync("walrus"));
        Assert.Equal(["page.html"], await FindAsync("otter"));
        Assert.Empty(await FindAsync("trackingword"));
        if (readsPdf) Assert.Equal(["paper.pdf"], await FindAsync("narwhal"));

        File.Delete(Path.Combine(_docs, "one.md"));
        File.Move(Path.Combine(_docs, "two.md"), Path.Combine(_docs, "three.md"));
        await _cli.RunJsonAsync("index", "add", _docs);
        Assert.Equal(["three.md"], await FindAsync("walrus"));
    }

    [Fact]
    public async Task Add_HundredMegabytesInOneLine_IsReadLikeAnyOther()
    {
        byte[] line = new byte[HugeLine];
        "walrus "u8.CopyTo(line);
        for (int filled = 7; filled < line.Length; filled *= 2) line.AsSpan(0, Math.Min(filled, line.Length - filled)).CopyTo(line.AsSpan(filled));
        " narwhal"u8.CopyTo(line.AsSpan(line.Length - 8));
        Write("line.txt", line);
        Write("small.txt", "An otter."u8);
        (int exitCode, JsonElement added, string error) = await _cli.RunJsonAsync("index", "add", _docs, "--embedder", "none");
        Assert.True(exitCode == 0, error);
        Assert.Equal(2, added.GetProperty("added").GetInt32());
        Assert.Equal(["line.txt"], await FindAsync("narwhal"));
        Assert.Equal(["small.txt"], await FindAsync("otter"));
    }

    private async Task<string[]> FindAsync(string word)
    {
        (_, JsonElement found, _) = await _cli.RunJsonAsync("index", "search", word, "--mode", "keyword");
        return [.. found.GetProperty("hits").EnumerateArray().Select(hit => Path.GetFileName(hit.GetProperty("source").GetString()!)).Order()];
    }

    private void Write(string name, ReadOnlySpan<byte> content) => File.WriteAllBytes(Path.Combine(_docs, name), content.ToArray());
}

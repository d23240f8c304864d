using AgentKit.Kernel.Errors;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Reading;
using AgentKit.SlowTests.Cli;
using AgentKit.Testing;

namespace AgentKit.SlowTests.Memory;

/// <summary>PDF as <c>pdftotext</c> of poppler reads it, and what comes of a program that does not behave.</summary>
public sealed class PdfTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PdfFact]
    public async Task Ingest_Pdfs_CitesPagesAndReportsThoseThatCannotBeRead()
    {
        string paper = _folder.Write("docs/paper.pdf", PdfFiles.Document("The narwhal has one tusk.", "", "The walrus has two."));
        _folder.Write("docs/locked.pdf", PdfFiles.Locked());
        _folder.Write("docs/scan.pdf", PdfFiles.Document(""));
        _folder.Write("docs/half.pdf", PdfFiles.Document("cut off")[..300]);
        _folder.Write("docs/empty.pdf", "");
        _folder.Write("docs/other.md", "An otter.");
        using KnowledgeBase knowledge = KnowledgeBase.Open(_folder["k.db"]);
        IngestReport report = await knowledge.IngestAsync(Scope, [_folder["docs"]]);
        Assert.Equal(2, report.Added);
        Dictionary<string, string> faults = report.Faults.ToDictionary(fault => Path.GetFileName(fault.Source), fault => fault.Message);
        Assert.Equal(["empty.pdf", "half.pdf", "locked.pdf", "scan.pdf"], faults.Keys.Order());
        Assert.Contains("protected by a password", faults["locked.pdf"], StringComparison.Ordinal);
        Assert.Contains("has no text", faults["scan.pdf"], StringComparison.Ordinal);
        Assert.Contains("pdftotext failed (exit code 1: ", faults["half.pdf"], StringComparison.Ordinal);
        Hit hit = Assert.Single(await knowledge.SearchAsync(Scope, "walrus"));
        Assert.Equal((paper, 3, "The walrus has two."), (hit.Source, hit.Page, hit.Text));
        Assert.Equal(1, (await knowledge.SearchAsync(Scope, "narwhal"))[0].Page);
    }

    [UnixFact]
    public void Read_ProgramThatDoesNotEnd_IsEndedWhenItsTimeIsUp() =>
        Assert.Contains("not done after", FaultOf("exec sleep 600", TimeSpan.FromMilliseconds(200)), StringComparison.Ordinal);

    [UnixFact]
    public void Read_ProgramThatWritesWithoutEnd_IsEnded() =>
        Assert.Contains("more than 64 Mi characters", FaultOf("exec yes 'a long line of text that goes on and on and on'", TimeSpan.FromMinutes(1)), StringComparison.Ordinal);

    [UnixFact]
    public void Read_ProgramThatComplainsALot_IsQuotedWithItsFirstLine()
    {
        string fault = FaultOf("i=0; while [ $i -lt 20000 ]; do echo 'Syntax Error: no good' >&2; i=$((i+1)); done; exit 3", TimeSpan.FromMinutes(1));
        Assert.Equal("pdftotext failed (exit code 3: Syntax Error: no good).", fault);
    }

    private string FaultOf(string script, TimeSpan patience)
    {
        string program = _folder.Write("program", $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Assert.Throws<UserInputException>(() => PdfReader.Read(_folder["any.pdf"], program, patience)).Message;
    }

    /// <summary>Skipped where pdftotext is not installed.</summary>
    private sealed class PdfFactAttribute : FactAttribute
    {
        public PdfFactAttribute()
        {
            bool installed = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "pdftotext")));
            if (!installed) Skip = "pdftotext is not installed: apt install poppler-utils";
        }
    }
}

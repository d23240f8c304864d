using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>PDF by <c>pdftotext</c> of poppler, where that is installed: a process of its own with limits on time and output.</summary>
internal static class PdfReader
{
    private const string Program = "pdftotext";
    private const long MostCharacters = 64L * 1024 * 1024;

    private const int MostComplaint = 300;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="path">The file.</param>
    /// <param name="program">The program that is run.</param>
    /// <param name="patience">How long it may take; a minute when <c>null</c>.</param>
    /// <exception cref="UserInputException">The program is missing or finds no text; the message says why.</exception>
    public static ReadDocument Read(string path, string program = Program, TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(program, ["-enc", "UTF-8", Path.GetFullPath(path), "-"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return Split(Run(process, patience ?? Patience));
        }
        catch (Win32Exception e)
        {
            throw new UserInputException(
                "content", $"PDF needs the program {Program}: install poppler-utils (apt install poppler-utils, brew install poppler) and add the file again.", e);
        }
    }

    private static string Run(Process process, TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        using CancellationTokenRegistration kill = patience.Token.Register(() => Kill(process));
        Task<string> complaint = Task.Run(() => ReadComplaint(process.StandardError), CancellationToken.None);
        string text = ReadLimited(process);
        process.WaitForExit();
        if (patience.IsCancellationRequested)
            throw new UserInputException("content", $"{Program} was not done after {limit.TotalSeconds:0} seconds.");
        string said = complaint.GetAwaiter().GetResult();
        if (process.ExitCode == 0) return text;
        string reason = said.Contains("password", StringComparison.OrdinalIgnoreCase) ? "The file is protected by a password" : $"{Program} failed";
        throw new UserInputException("content", $"{reason} (exit code {process.ExitCode}{(said.Length > 0 ? $": {said}" : "")}).");
    }

    /// <summary>The first line of what a program complains about; the rest is read, so that it need not wait, and forgotten.</summary>
    private static string ReadComplaint(StreamReader error)
    {
        char[] buffer = new char[MostComplaint];
        int kept = error.ReadBlock(buffer);
        char[] rest = new char[4096];
        while (error.Read(rest) > 0)
        {
        }

        ReadOnlySpan<char> said = buffer.AsSpan(0, kept).Trim();
        int end = said.IndexOfAny('\r', '\n');
        return (end < 0 ? said : said[..end]).ToString();
    }

    private static string ReadLimited(Process process)
    {
        var text = new StringBuilder();
        char[] buffer = new char[64 * 1024];
        for (int count = process.StandardOutput.Read(buffer); count > 0; count = process.StandardOutput.Read(buffer))
        {
            text.Append(buffer, 0, count);
            if (text.Length <= MostCharacters) continue;
            Kill(process);
            throw new UserInputException("content", $"The file has more than {MostCharacters >> 20} Mi characters of text; that is not read.");
        }

        return text.ToString();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Pages end with a form feed.</summary>
    private static ReadDocument Split(string output)
    {
        var text = new TextBuilder();
        string[] pages = output.Split('\f');
        for (int i = 0; i < pages.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(pages[i])) continue;
            text.Page = i + 1;
            text.AppendParagraphs(pages[i].AsSpan().TrimEnd());
        }

        ReadDocument document = text.ToDocument(null);
        return document.Blocks.Count > 0 ? document
            : throw new UserInputException("content", "The file has no text: probably scanned pages, which are not recognized.");
    }
}

using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn.Files;

namespace AgentKit.Tools.BuiltIn;

/// <summary>Returns a text file's content; what a size limit leaves out is announced in the last line.</summary>
internal sealed class ReadFileTool(RootedFolder folder, int limit) : FileTool("read_file", "Read a text file.", "path")
{
    protected override ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken) =>
        new(Guarded(argument, () => Read(argument)));

    private string Read(string path)
    {
        var real = folder.Resolve(path);
        if (Directory.Exists(real))
            throw new ToolException($"'{path}' is a folder, not a file; list_files lists it");
        if (!File.Exists(real))
            throw new ToolException($"no such file '{path}'{SimilarFiles(real)}");
        var file = TextFile.Read(real, limit);
        if (file.Text is null)
            throw new ToolException($"'{path}' is not a text file ({Count(file.TotalBytes)} bytes of other data)");
        if (file.TotalBytes == 0)
            return "The file is empty.";
        return file.Text + Notices(file);
    }

    private static string Notices(TextFile file)
    {
        var left = file.TotalBytes - file.ReadBytes;
        var cut = left > 0
            ? $"\n[the first {Count(file.ReadBytes)} of {Count(file.TotalBytes)} bytes; {Count(left)} bytes are left out]"
            : "";
        return file.Replaced > 0 ? $"{cut}\n[{Count(file.Replaced)} characters are not valid text and shown as \uFFFD]" : cut;
    }

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    private string SimilarFiles(string real)
    {
        var parent = Path.GetDirectoryName(real);
        return Directory.Exists(parent) && folder.Contains(parent)
            ? SimilarNames.Suggest(Path.GetFileName(real), Directory.EnumerateFiles(parent).Select(f => Path.GetFileName(f)))
            : "";
    }
}

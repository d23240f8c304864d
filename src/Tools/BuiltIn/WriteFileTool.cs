using System.Globalization;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.BuiltIn.Files;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>
/// Writes a whole text file below the folder: into a temporary file beside it, flushed, which then takes its name. A reader sees the old
/// text or the new one, also after a power failure. Folders on the way are made.
/// </summary>
internal sealed class WriteFileTool(RootedFolder folder, int limit) : SchemaTool(
    "write_file",
    "Write a text file. Replaces what the file held.",
    """{"type":"object","properties":{"path":{"type":"string"},"content":{"type":"string"}},"required":["path","content"]}""",
    new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite))
{
    protected override ValueTask<string> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string path = TextOf(arguments, "path"), content = TextOf(arguments, "content");
        return new(FileTool.Guarded(path, () => Write(path, content), "written"));
    }

    private string Write(string path, string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        if (bytes.Length > limit) throw new ToolException($"the content has {bytes.Length} bytes; one call writes {limit} at most");
        string real = folder.Resolve(path);
        if (Directory.Exists(real)) throw new ToolException($"'{path}' is a folder");
        // A name beyond the last folder that exists is made of plain folders; Resolve has followed all links before it.
        string parent = Path.GetDirectoryName(real)!;
        Directory.CreateDirectory(parent);
        bool isNew = !File.Exists(real);
        if (!isNew && !IsOrdinary(real)) throw new ToolException($"'{path}' is no ordinary file");
        string part = Path.Combine(parent, $".{Path.GetFileName(real)}.{Guid.NewGuid():N}.part");
        try
        {
            using (var stream = new FileStream(part, Creation(real, isNew)))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            // Somebody may have put a link in the way meanwhile.
            if (folder.Resolve(path) != real || !folder.Contains(part)) throw new ToolException($"'{path}' was changed by somebody else; try again");
            File.Move(part, real, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(isNew ? "Created" : "Replaced")} {folder.Display(real)} ({bytes.Length} bytes).");
    }

    /// <summary>Pipes, sockets and devices report no length; to replace one by a file would be a surprise.</summary>
    private static bool IsOrdinary(string path) => (File.GetAttributes(path) & (FileAttributes.Device | FileAttributes.ReparsePoint)) == 0;

    private static FileStreamOptions Creation(string real, bool isNew)
    {
        // CreateNew follows no link that somebody left under the temporary name.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!isNew && !OperatingSystem.IsWindows()) options.UnixCreateMode = File.GetUnixFileMode(real);
        return options;
    }
}

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>Files that are filled through memory: their room on the disk is taken first, because a full disk ends a process that writes to mapped memory.</summary>
internal static class FileWithRoom
{
    private const string Unfinished = ".part";

    /// <summary>A name for a file until it is whole: nobody else uses it.</summary>
    public static string TemporaryName(string path) => $"{path}.{Path.GetRandomFileName()}{Unfinished}";

    /// <summary>Removes what writers have left that were killed. Files that somebody still writes are open, and stay.</summary>
    /// <param name="path">The knowledge file beside which they lie.</param>
    public static void RemoveLeftovers(string path)
    {
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}-*{Unfinished}"))
        {
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or gone by now: whoever comes next looks again.
            }
        }
    }

    /// <param name="path">The file; what was there goes.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="IOException">There is no room.</exception>
    public static FileStream Create(string path, long length)
    {
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, PreallocationSize = length,
        });
        stream.SetLength(length);
        return stream;
    }
}

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>Files that are filled through memory: their room on the disk is taken first, because a full disk ends a process that writes to mapped memory.</summary>
internal static class FileWithRoom
{
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

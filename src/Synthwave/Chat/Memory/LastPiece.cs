namespace Synthwave.Chat.Memory;

/// <summary>
/// How much of a large body goes through a connection by itself at the end. A socket holds on to the array that it was given last, until it is given another, so that an
/// idle connection would keep the whole body. What is shorter than the connection's own buffer goes through that, and takes the body's place. Pure.
/// </summary>
internal static class LastPiece
{
    private const int Length = 1024;

    private const int Large = 64 * 1024;

    /// <summary>Bytes; 0 = the body is small enough to be kept.</summary>
    public static int Of(int length) => length > Large ? Length : 0;
}
